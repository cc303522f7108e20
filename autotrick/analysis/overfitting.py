"""Whether a trial learns its training images by heart."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

LEAST_EPOCHS = 3
"""Epochs after the best validation loss that it takes to say so."""
LEAST_RISE = 0.05
"""Share by which the validation loss is above its smallest value at the end."""


class Losses(Protocol):
    """The two losses of an epoch."""

    @property
    def epoch(self) -> int: ...
    @property
    def loss(self) -> float: ...
    @property
    def train_loss(self) -> float: ...


def overfits_after(reports: Sequence[Losses]) -> int | None:
    """Return the epoch after which the validation loss rose while the training loss fell; None if not.

    It is the epoch of the smallest validation loss, if at least three epochs follow, the last one's
    loss is at least 5 % larger, and its training loss is smaller than then.

    Args:
        reports: Epochs in order.
    """
    if len(reports) <= LEAST_EPOCHS:
        return None
    best = min(reports, key=lambda report: report.loss)
    last = reports[-1]
    late = last.epoch - best.epoch >= LEAST_EPOCHS
    rose = last.loss >= (1 + LEAST_RISE) * best.loss
    return best.epoch if late and rose and last.train_loss < best.train_loss else None
