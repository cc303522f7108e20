"""PolyLoss: change the weight of the first polynomial term of the cross-entropy.

Poly-1 is cross-entropy + epsilon (1 - p), with p the predicted probability of the label. With dense
targets, p is the mean under the target, as in the paper's code.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from autotrick.domain import Float
from autotrick.tricks.base import Batch, Run, Trick, setting
from autotrick.tricks.papers import LENG_2022_POLYLOSS
from autotrick.tricks.rules import Range

if TYPE_CHECKING:
    from torch import Tensor


@dataclass(frozen=True, kw_only=True)
class PolyLoss(Trick):
    """Add a term to the cross-entropy that is linear in the label's probability."""

    name = "poly_loss"
    tasks = frozenset({"classification"})
    slot = "loss"
    papers = (LENG_2022_POLYLOSS,)
    position = 10

    epsilon: float = setting(
        1.0,
        "Weight of 1 - p, at least -1: 0 is off. The paper uses 2 on ImageNet.",
        search=Float(-1.0, 4.0),
        neutral=0.0,
        rule=Range(-1, 100),
    )

    def on_loss(self, loss: Tensor, logits: Tensor, batch: Batch, run: Run) -> Tensor:
        right = (logits.softmax(1) * batch.targets).sum(1)
        return loss + self.epsilon * (1 - right).mean()
