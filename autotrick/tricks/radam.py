"""RAdam: Adam that divides only once it has seen enough gradients.

Weight decay is the recipe's and is added to the gradient (L2).

Differs: as in torch and the authors' code, division begins when the approximated length of the mean
exceeds 5; the paper writes 4, which is one update earlier.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from autotrick.lazy import torch
from autotrick.tricks.adam import Adam
from autotrick.tricks.papers import LIU_2020_RADAM


@dataclass(frozen=True, kw_only=True)
class RAdam(Adam):
    """Run Adam with its early steps rectified, which replaces a warmup."""

    name = "radam"
    papers = (LIU_2020_RADAM,)

    def kind(self) -> Callable[..., torch.optim.Optimizer]:
        return torch.optim.RAdam
