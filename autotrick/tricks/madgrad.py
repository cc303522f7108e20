"""MADGRAD: average all gradients from the start, divided by the cube root of their squares.

Defazio, Jelassi, "Adaptivity without Compromise: A Momentumized, Adaptive, Dual Averaged Gradient
Method for Stochastic Optimization", JMLR 2022. https://arxiv.org/abs/2101.11075

timm's MADGRAD. Weight decay is the recipe's, added to the gradient (L2); the paper finds that it needs
less than SGD does.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from autotrick.tricks.base import Paper, Run, Trick
from autotrick.tricks.optimizers import eps_setting, lr_setting, share_setting, with_lr

if TYPE_CHECKING:
    import torch

    from autotrick.tricks.optimizers import Groups


@dataclass(frozen=True, kw_only=True)
class Madgrad(Trick):
    """Step from the first weights by the sum of all gradients, evened out for each weight."""

    name = "madgrad"
    slot = "optimizer"
    papers = (
        Paper(
            "Adaptivity without Compromise: A Momentumized, Adaptive, Dual Averaged Gradient "
            "Method for Stochastic Optimization",
            "Defazio, Jelassi",
            2022,
            "https://arxiv.org/abs/2101.11075",
        ),
    )

    lr: float = lr_setting(1e-2, 1e-3, 1e-1)
    momentum: float = share_setting(
        "momentum", 0.9, "Share of the weights that an update keeps, in [0, 1)."
    )
    eps: float = eps_setting(1e-6)

    def make_optimizer(self, groups: Groups, run: Run) -> torch.optim.Optimizer:
        import timm.optim

        made: torch.optim.Optimizer = timm.optim.MADGRAD(
            with_lr(groups, self.lr, run.recipe), momentum=self.momentum, eps=self.eps
        )
        return made
