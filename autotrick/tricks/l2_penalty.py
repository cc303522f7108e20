"""L2 penalty: add weight decay to the loss.

Adds weight / 2 times the sum of squared weights, whose gradient is weight times the weights. SGD's
`weight_decay` adds the same, but this term also goes through adaptive optimizers' scaling, gradient
clipping and SAM. It replaces the recipe's weight decay, which is 0 while the trick is on. Reports
contain its value at the end of an epoch separately from the loss of the examples.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from autotrick.domain import Float
from autotrick.tricks.base import Group, Run, setting
from autotrick.tricks.l1_penalty import L1Penalty
from autotrick.tricks.papers import KROGH_1991_WEIGHT_DECAY
from autotrick.tricks.rules import Range

if TYPE_CHECKING:
    from torch import Tensor


@dataclass(frozen=True, kw_only=True)
class L2Penalty(L1Penalty):
    """Add half the sum of squared weights to the loss instead of the optimizer's weight decay."""

    name = "l2_penalty"
    papers = (KROGH_1991_WEIGHT_DECAY,)

    weight: float = setting(
        5e-4,
        "Factor on half the sum of squared weights, at least 0: 0 is off.",
        search=Float(1e-5, 5e-3, log=True),
        neutral=0.0,
        rule=Range(0, 1),
    )

    def on_groups(self, groups: list[Group], run: Run) -> list[Group]:
        return [replace(group, weight_decay=0.0) for group in groups]

    def size(self, weights: Tensor) -> Tensor:
        return weights.square().sum() / 2
