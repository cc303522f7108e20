"""NAdam: Adam with Nesterov's momentum.

Dozat, "Incorporating Nesterov Momentum into Adam", ICLR workshop 2016.
https://openreview.net/forum?id=OM0jvwB8jIp57ZJjtNEZ

Weight decay is the recipe's, added to the gradient (L2).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from autotrick.lazy import torch
from autotrick.tricks.adam import Adam
from autotrick.tricks.base import Paper


@dataclass(frozen=True, kw_only=True)
class NAdam(Adam):
    """Adam that looks one step of momentum ahead."""

    name = "nadam"
    papers = (
        Paper(
            "Incorporating Nesterov Momentum into Adam",
            "Dozat",
            2016,
            "https://openreview.net/forum?id=OM0jvwB8jIp57ZJjtNEZ",
        ),
    )

    def kind(self) -> Callable[..., torch.optim.Optimizer]:
        return torch.optim.NAdam
