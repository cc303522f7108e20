"""Linear warmup: raise the learning rate linearly from a small value.

Differs: the paper warms up for 5 of 90 epochs from the smaller batch's rate. Here the length is a
share of all updates, which suits any budget, and the first update already takes one step up, so that
no update runs at a rate of zero.
"""

from __future__ import annotations

from dataclasses import dataclass

from autotrick.domain import Float
from autotrick.tricks.base import Progress, Trick, setting
from autotrick.tricks.papers import GOYAL_2017_LARGE_MINIBATCH
from autotrick.tricks.rules import Range


@dataclass(frozen=True, kw_only=True)
class LinearWarmup(Trick):
    """Raise the learning rate linearly until it reaches its peak."""

    name = "linear_warmup"
    slot = "warmup"
    papers = (GOYAL_2017_LARGE_MINIBATCH,)

    length: float = setting(
        0.05,
        "Warmup length as a share of all updates, in [0, 1]: 0 is off.",
        search=Float(0.0, 0.25),
        neutral=0.0,
        rule=Range(0, 1),
    )
    start: float = setting(
        0.0,
        "Initial rate as a share of the peak, in [0, 1].",
        rule=Range(0, 1),
    )

    def warmup_updates(self, updates: int, per_epoch: int) -> int:
        return round(self.length * updates)

    def schedule(self, progress: Progress) -> float:
        length = self.warmup_updates(progress.updates, progress.per_epoch)
        if progress.update >= length:
            return 1.0
        # Computed down from the peak, so that the last update of the warmup is exactly at 1.
        return 1 - (1 - self.start) * (1 - (progress.update + 1) / length)
