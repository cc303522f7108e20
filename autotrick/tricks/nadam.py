"""NAdam: Adam with Nesterov momentum.

Weight decay is the recipe's and is added to the gradient (L2).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from autotrick.lazy import torch
from autotrick.tricks.adam import Adam
from autotrick.tricks.papers import DOZAT_2016_NADAM


@dataclass(frozen=True, kw_only=True)
class NAdam(Adam):
    """Run Adam with Nesterov momentum, one step ahead."""

    name = "nadam"
    papers = (DOZAT_2016_NADAM,)

    def kind(self) -> Callable[..., torch.optim.Optimizer]:
        return torch.optim.NAdam
