"""Confidence penalty: reward predictions with high entropy.

Subtracts beta times the entropy of the predicted distribution from the loss. The effect is similar to
label smoothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from autotrick.domain import Float
from autotrick.tricks.base import Batch, Run, Trick, setting
from autotrick.tricks.papers import PEREYRA_2017_CONFIDENCE_PENALTY
from autotrick.tricks.rules import Range

if TYPE_CHECKING:
    from torch import Tensor


@dataclass(frozen=True, kw_only=True)
class ConfidencePenalty(Trick):
    """Subtract the weighted entropy of the predictions from the loss."""

    name = "confidence_penalty"
    tasks = frozenset({"classification"})
    papers = (PEREYRA_2017_CONFIDENCE_PENALTY,)
    position = 55
    expert = False

    beta: float = setting(
        0.1,
        "Weight of the entropy, at least 0: 0 is off.",
        search=Float(0.02, 1.0, log=True),
        neutral=0.0,
        rule=Range(0, 100),
    )

    def on_loss(self, loss: Tensor, logits: Tensor, batch: Batch, run: Run) -> Tensor:
        return loss - self.beta * entropy(logits).mean()


def entropy(logits: Tensor) -> Tensor:
    """Return the (N,) entropy of the softmax of (N, K) logits, in nats."""
    log_p = logits.log_softmax(1)
    return -(log_p.exp() * log_p).sum(1)
