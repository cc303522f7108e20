"""NAdam: Adam with Nesterov's momentum.

Dozat, "Incorporating Nesterov Momentum into Adam", ICLR workshop 2016.
https://openreview.net/forum?id=OM0jvwB8jIp57ZJjtNEZ

Weight decay is the recipe's, added to the gradient (L2).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from autotrick.lazy import torch
from autotrick.tricks.base import Paper, Run, Trick
from autotrick.tricks.optimizers import (
    beta1_setting,
    beta2_setting,
    eps_setting,
    lr_setting,
    with_lr,
)

if TYPE_CHECKING:
    from autotrick.tricks.optimizers import Groups


@dataclass(frozen=True, kw_only=True)
class NAdam(Trick):
    """Adam that looks one step of momentum ahead."""

    name = "nadam"
    slot = "optimizer"
    papers = (
        Paper(
            "Incorporating Nesterov Momentum into Adam",
            "Dozat",
            2016,
            "https://openreview.net/forum?id=OM0jvwB8jIp57ZJjtNEZ",
        ),
    )

    lr: float = lr_setting(1e-3, 1e-4, 1e-2)
    beta1: float = beta1_setting(0.9)
    beta2: float = beta2_setting(0.999)
    eps: float = eps_setting(1e-8)

    def make_optimizer(self, groups: Groups, run: Run) -> torch.optim.Optimizer:
        return torch.optim.NAdam(
            with_lr(groups, self.lr, run.recipe), betas=(self.beta1, self.beta2), eps=self.eps
        )
