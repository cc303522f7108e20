"""SGD: stochastic gradient descent, plain, with momentum or with Nesterov momentum.

The paper compares the three.

Without a trick of slot `optimizer`, a recipe trains by SGD with Nesterov momentum. This trick is for
spaces that ask which kind is best. It uses the recipe's base_lr. Weight decay is the recipe's and is
added to the gradient (L2).

Differs: as in torch, momentum accumulates gradients instead of steps, which matters only while the
learning rate changes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from autotrick.domain import Choice, Float
from autotrick.lazy import torch
from autotrick.tricks.base import Run, Trick, setting
from autotrick.tricks.optimizers import share_setting
from autotrick.tricks.papers import SUTSKEVER_2013_MOMENTUM
from autotrick.tricks.rules import Options

if TYPE_CHECKING:
    from autotrick.tricks.optimizers import Groups


@dataclass(frozen=True, kw_only=True)
class Sgd(Trick):
    """Descend along the gradient, with or without momentum."""

    name = "sgd"
    slot = "optimizer"
    papers = (SUTSKEVER_2013_MOMENTUM,)

    kind: str = setting(
        "momentum",
        "Kind of SGD: plain (no momentum), momentum (heavy ball) or nesterov (looks ahead).",
        search=Choice(("plain", "momentum", "nesterov")),
        rule=Options("plain", "momentum", "nesterov"),
    )
    momentum: float = share_setting(
        0.9,
        "Momentum: share of the previous step that is repeated, in [0, 1); unused if plain.",
        search=Float(0.8, 0.98),
    )

    def make_optimizer(self, groups: Groups, run: Run) -> torch.optim.Optimizer:
        momentum = 0.0 if self.kind == "plain" else self.momentum
        nesterov = self.kind == "nesterov" and momentum > 0
        return torch.optim.SGD(groups, lr=run.recipe.lr, momentum=momentum, nesterov=nesterov)
