"""Confidence penalty: reward predictions for keeping some entropy.

Pereyra, Tucker, Chorowski, Kaiser, Hinton, "Regularizing Neural Networks by Penalizing Confident
Output Distributions", ICLR 2017 workshop. https://arxiv.org/abs/1701.06548

Subtracts beta times the entropy of the predicted distribution from the loss. It pulls the same way
as label smoothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from autotrick.domain import Float
from autotrick.tricks.base import Batch, Paper, Run, Trick, setting

if TYPE_CHECKING:
    from torch import Tensor


@dataclass(frozen=True, kw_only=True)
class ConfidencePenalty(Trick):
    """Subtract the entropy of the predictions, weighted, from the loss."""

    name = "confidence_penalty"
    tasks = frozenset({"classification"})
    papers = (
        Paper(
            "Regularizing Neural Networks by Penalizing Confident Output Distributions",
            "Pereyra, Tucker, Chorowski, Kaiser, Hinton",
            2017,
            "https://arxiv.org/abs/1701.06548",
        ),
    )
    position = 55
    expert = False

    beta: float = setting(
        0.1,
        "Weight of the entropy, at least 0: 0 is off.",
        search=Float(0.02, 1.0, log=True),
        neutral=0.0,
        rule="0 <= beta <= 100",
        accepts=lambda beta: 0 <= beta <= 100,
    )

    def on_loss(self, loss: Tensor, logits: Tensor, batch: Batch, run: Run) -> Tensor:
        return loss if self.beta == 0 else loss - self.beta * entropy(logits).mean()


def entropy(logits: Tensor) -> Tensor:
    """Return (N,) the entropy of the softmax of (N, K) logits, in nats."""
    log_p = logits.log_softmax(1)
    return -(log_p.exp() * log_p).sum(1)
