"""Focal loss: give less weight to examples that are already right.

Multiplies each class's part of the cross-entropy by (1 - p)^gamma, with p the predicted probability.
Differs: the paper uses one sigmoid per class and a balance alpha for rare foreground. This is the
softmax form for one label per image; for rare classes see `class_weights`. With dense targets the
factor applies to each class's share.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from autotrick.domain import Float
from autotrick.tricks.base import Batch, Run, Trick, setting
from autotrick.tricks.papers import LIN_2017_FOCAL_LOSS
from autotrick.tricks.rules import Range

if TYPE_CHECKING:
    from torch import Tensor


@dataclass(frozen=True, kw_only=True)
class FocalLoss(Trick):
    """Reduce the cross-entropy of examples that the network already predicts well."""

    name = "focal_loss"
    tasks = frozenset({"classification"})
    slot = "loss"
    papers = (LIN_2017_FOCAL_LOSS,)
    position = 10
    expert = False

    gamma: float = setting(
        2.0,
        "How fast the weight falls with the label's probability, at least 0: 0 is off.",
        search=Float(0.5, 5.0),
        neutral=0.0,
        rule=Range(0, 20),
    )

    def on_loss(self, loss: Tensor, logits: Tensor, batch: Batch, run: Run) -> Tensor:
        return focal_loss(logits, batch.targets, self.gamma)


def focal_loss(logits: Tensor, targets: Tensor, gamma: float) -> Tensor:
    """Return the mean over examples of -sum y (1 - p)^gamma log p.

    Args:
        logits: (N, K) floats.
        targets: (N, K) floats; each row is a distribution.
        gamma: Above 0.
    """
    log_p = logits.log_softmax(1)
    # For gamma below 1 the power has no finite slope at 0.
    far = (-log_p.expm1()).clamp_min(1e-7)
    return -(targets * far.pow(gamma) * log_p).sum(1).mean()
