"""RAdam: Adam that steps without division until it has seen enough gradients to divide by.

Weight decay is the recipe's, added to the gradient (L2).

Differs: as in torch and the authors' code, division begins when the approximated length of the mean is
above 5; the paper writes 4, which is one update earlier.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from autotrick.lazy import torch
from autotrick.tricks.adam import Adam
from autotrick.tricks.papers import LIU_2020_RADAM


@dataclass(frozen=True, kw_only=True)
class RAdam(Adam):
    """Adam with its early steps rectified, in place of a warmup."""

    name = "radam"
    papers = (LIU_2020_RADAM,)

    def kind(self) -> Callable[..., torch.optim.Optimizer]:
        return torch.optim.RAdam
