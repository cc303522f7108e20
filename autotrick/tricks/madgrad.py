"""MADGRAD: dual averaging of all gradients, scaled by the cube root of their squares.

Uses timm's MADGRAD. Weight decay is the recipe's and is added to the gradient (L2); the paper finds
that it needs less than SGD.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from autotrick.tricks.base import Run, Trick
from autotrick.tricks.optimizers import eps_setting, lr_setting, share_setting, with_lr
from autotrick.tricks.papers import DEFAZIO_2022_MADGRAD

if TYPE_CHECKING:
    import torch

    from autotrick.tricks.optimizers import Groups


@dataclass(frozen=True, kw_only=True)
class Madgrad(Trick):
    """Step from the initial weights along the adaptively scaled sum of all gradients."""

    name = "madgrad"
    slot = "optimizer"
    papers = (DEFAZIO_2022_MADGRAD,)

    lr: float = lr_setting(1e-2, 1e-3, 1e-1)
    momentum: float = share_setting(0.9, "Share of the weights that an update keeps, in [0, 1).")
    eps: float = eps_setting(1e-6)

    def make_optimizer(self, groups: Groups, run: Run) -> torch.optim.Optimizer:
        import timm.optim

        made: torch.optim.Optimizer = timm.optim.MADGRAD(
            with_lr(groups, self.lr, run.recipe), momentum=self.momentum, eps=self.eps
        )
        return made
