"""Adam: scale each step by running means of the gradient and of its square.

Weight decay is the recipe's and is added to the gradient (L2), where the division weakens it; `adamw`
decouples it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from autotrick.lazy import torch
from autotrick.tricks.base import Run, Trick
from autotrick.tricks.optimizers import (
    beta1_setting,
    beta2_setting,
    eps_setting,
    lr_setting,
    with_lr,
)
from autotrick.tricks.papers import KINGMA_2015_ADAM

if TYPE_CHECKING:
    from autotrick.tricks.optimizers import Groups


@dataclass(frozen=True, kw_only=True)
class Adam(Trick):
    """Divide each weight's step by the root of its running mean square."""

    name = "adam"
    slot = "optimizer"
    papers = (KINGMA_2015_ADAM,)

    lr: float = lr_setting(1e-3, 1e-4, 1e-2)
    beta1: float = beta1_setting(0.9)
    beta2: float = beta2_setting(0.999)
    eps: float = eps_setting(1e-8)

    def make_optimizer(self, groups: Groups, run: Run) -> torch.optim.Optimizer:
        found: torch.optim.Optimizer = self.kind()(
            with_lr(groups, self.lr, run.recipe), betas=(self.beta1, self.beta2), eps=self.eps
        )
        return found

    def kind(self) -> Callable[..., torch.optim.Optimizer]:
        """Return the optimizer class; a subclass may have bound some settings."""
        return torch.optim.Adam
