"""RAdam: Adam that steps without division until it has seen enough gradients to divide by.

Liu, Jiang, He, Chen, Liu, Gao, Han, "On the Variance of the Adaptive Learning Rate and Beyond", ICLR
2020. https://arxiv.org/abs/1908.03265

Weight decay is the recipe's, added to the gradient (L2).

Differs: as in torch and the authors' code, division begins when the approximated length of the mean is
above 5; the paper writes 4, which is one update earlier.
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
class RAdam(Trick):
    """Adam with its early steps rectified, in place of a warmup."""

    name = "radam"
    slot = "optimizer"
    papers = (
        Paper(
            "On the Variance of the Adaptive Learning Rate and Beyond",
            "Liu, Jiang, He, Chen, Liu, Gao, Han",
            2020,
            "https://arxiv.org/abs/1908.03265",
        ),
    )

    lr: float = lr_setting(1e-3, 1e-4, 1e-2)
    beta1: float = beta1_setting(0.9)
    beta2: float = beta2_setting(0.999)
    eps: float = eps_setting(1e-8)

    def make_optimizer(self, groups: Groups, run: Run) -> torch.optim.Optimizer:
        return torch.optim.RAdam(
            with_lr(groups, self.lr, run.recipe), betas=(self.beta1, self.beta2), eps=self.eps
        )
