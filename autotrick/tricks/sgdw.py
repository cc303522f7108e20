"""SGDW: SGD with momentum, and weight decay that acts on the weights and not through the momentum.

timm's SGDW, with the recipe's learning rate. Weight decay is its own: momentum sums up to ten times the
recipe's, and not this one.

Differs: an update takes lr x weight_decay off, with lr the whole learning rate; in the paper the decay
is multiplied by the schedule's factor alone.
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
    """Descend with momentum, with weight decay kept apart from the gradient."""

    name = "sgdw"
    slot = "optimizer"
    papers = (LOSHCHILOV_2019_ADAMW.at("algorithm 1"),)

    weight_decay: float = decay_setting(5e-3, 5e-4, 5e-2)
    momentum: float = share_setting(
        0.9,
        "Share of the previous step that is repeated, in [0, 1).",
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
