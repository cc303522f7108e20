"""PolyLoss: change the weight of the cross-entropy's first polynomial term.

Leng et al., "PolyLoss: A Polynomial Expansion Perspective of Classification Loss Functions", ICLR
2022. https://arxiv.org/abs/2204.12511

Poly-1: cross-entropy + epsilon (1 - p), p the predicted probability of the label; with dense targets
p is the mean under the target, as in the paper's code.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from autotrick.domain import Float
from autotrick.tricks.base import Batch, Paper, Run, Trick, setting

if TYPE_CHECKING:
    from torch import Tensor


@dataclass(frozen=True, kw_only=True)
class PolyLoss(Trick):
    """Add a term to the cross-entropy that is linear in the label's probability."""

    name = "poly_loss"
    tasks = frozenset({"classification"})
    slot = "loss"
    papers = (
        Paper(
            "PolyLoss: A Polynomial Expansion Perspective of Classification Loss Functions",
            "Leng, Tan, Liu, Cubuk, Shi, Cheng, Anguelov",
            2022,
            "https://arxiv.org/abs/2204.12511",
        ),
    )
    position = 10

    epsilon: float = setting(
        1.0,
        "Weight of 1 - p, at least -1: 0 is off. The paper uses 2 on ImageNet.",
        search=Float(-1.0, 4.0),
        neutral=0.0,
        rule="-1 <= epsilon <= 100",
        accepts=lambda epsilon: -1 <= epsilon <= 100,
    )

    def on_loss(self, loss: Tensor, logits: Tensor, batch: Batch, run: Run) -> Tensor:
        if self.epsilon == 0:
            return loss
        right = (logits.softmax(1) * batch.targets).sum(1)
        return loss + self.epsilon * (1 - right).mean()
