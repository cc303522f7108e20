"""SGDW: SGD with momentum and decoupled weight decay.

Uses timm's SGDW with the recipe's learning rate. The trick has its own weight decay: momentum
multiplies the recipe's by up to ten, but not this one.

Differs: an update subtracts lr x weight_decay of each weight, with lr the full learning rate. The
paper multiplies the decay by the schedule's factor only.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from autotrick.domain import Choice, Float
from autotrick.tricks.base import Run, Trick, setting
from autotrick.tricks.optimizers import decay_setting, share_setting
from autotrick.tricks.papers import LOSHCHILOV_2019_ADAMW

if TYPE_CHECKING:
    import torch

    from autotrick.tricks.optimizers import Groups


@dataclass(frozen=True, kw_only=True)
class Sgdw(Trick):
    """Run SGD with momentum and with weight decay decoupled from the gradient."""

    name = "sgdw"
    slot = "optimizer"
    papers = (LOSHCHILOV_2019_ADAMW.at("algorithm 1"),)

    weight_decay: float = decay_setting(5e-3, 5e-4, 5e-2)
    momentum: float = share_setting(
        0.9,
        "Momentum: share of the previous step that is repeated, in [0, 1).",
        search=Float(0.8, 0.98),
    )
    nesterov: bool = setting(
        False,
        "Whether the gradient is followed once more after the momentum, which looks ahead.",
        search=Choice((False, True)),
    )

    def base_decay(self) -> float:
        return self.weight_decay

    def make_optimizer(self, groups: Groups, run: Run) -> torch.optim.Optimizer:
        import timm.optim

        made: torch.optim.Optimizer = timm.optim.SGDW(
            groups,
            lr=run.recipe.lr,
            momentum=self.momentum,
            nesterov=self.nesterov and self.momentum > 0,
        )
        return made
