"""Lion: step by the sign of a momentum; found by a search over programs.

Uses timm's Lion. The trick has its own decoupled weight decay. The paper advises a learning rate 3 to
10 times lower than AdamW's and a weight decay 3 to 10 times higher.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from autotrick.tricks.base import Run, Trick
from autotrick.tricks.optimizers import (
    beta1_setting,
    beta2_setting,
    decay_setting,
    lr_setting,
    with_lr,
)
from autotrick.tricks.papers import CHEN_2023_LION

if TYPE_CHECKING:
    import torch

    from autotrick.tricks.optimizers import Groups


@dataclass(frozen=True, kw_only=True)
class Lion(Trick):
    """Step by the sign of the momentum, with the same length for every weight."""

    name = "lion"
    slot = "optimizer"
    papers = (CHEN_2023_LION,)

    lr: float = lr_setting(1e-4, 3e-5, 2e-3)
    weight_decay: float = decay_setting(0.3, 1e-2, 1.0)
    beta1: float = beta1_setting(0.9)
    beta2: float = beta2_setting(
        0.99, about="Share of the momentum that an update keeps, in [0, 1)."
    )

    def base_decay(self) -> float:
        return self.weight_decay

    def make_optimizer(self, groups: Groups, run: Run) -> torch.optim.Optimizer:
        import timm.optim

        made: torch.optim.Optimizer = timm.optim.Lion(
            with_lr(groups, self.lr, run.recipe), betas=(self.beta1, self.beta2)
        )
        return made
