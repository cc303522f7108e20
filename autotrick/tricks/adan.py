"""Adan: Adam with Nesterov momentum, estimated from differences of successive gradients.

Uses timm's Adan, without the paper's restarts. Each beta is the share that an update keeps, which is
1 minus the paper's. The trick has its own weight decay, which divides the weights after the step, as
in the paper.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from autotrick.tricks.base import Run, Trick
from autotrick.tricks.optimizers import (
    beta1_setting,
    decay_setting,
    eps_setting,
    lr_setting,
    share_setting,
    with_lr,
)
from autotrick.tricks.papers import XIE_2022_ADAN

if TYPE_CHECKING:
    import torch

    from autotrick.tricks.optimizers import Groups


@dataclass(frozen=True, kw_only=True)
class Adan(Trick):
    """Scale each step adaptively and look ahead along the change of the gradient."""

    name = "adan"
    slot = "optimizer"
    papers = (XIE_2022_ADAN.at("algorithm 1"),)

    lr: float = lr_setting(1e-3, 2e-4, 2e-2)
    weight_decay: float = decay_setting(0.02, 1e-3, 0.1)
    beta1: float = beta1_setting(0.98)
    beta2: float = share_setting(
        0.92, "Share of the running mean of differences that an update keeps, in [0, 1)."
    )
    beta3: float = share_setting(
        0.99, "Share of the running mean of squares that an update keeps, in [0, 1)."
    )
    eps: float = eps_setting(1e-8)

    def base_decay(self) -> float:
        return self.weight_decay

    def make_optimizer(self, groups: Groups, run: Run) -> torch.optim.Optimizer:
        import timm.optim

        made: torch.optim.Optimizer = timm.optim.Adan(
            with_lr(groups, self.lr, run.recipe),
            betas=(self.beta1, self.beta2, self.beta3),
            eps=self.eps,
        )
        return made
