"""Linear warmup: start with a small learning rate and raise it by the same amount every update.

Differs: the paper warms up for 5 of 90 epochs, from the rate of the smaller batch; here the length
is a share of all updates, so that it keeps its meaning on any budget, and the first update already
takes one step up, so that no update is spent at a rate of zero.
"""

from __future__ import annotations

from dataclasses import dataclass

from autotrick.domain import Float
from autotrick.tricks.base import Progress, Trick, setting
from autotrick.tricks.papers import GOYAL_2017_LARGE_MINIBATCH
from autotrick.tricks.rules import Range


@dataclass(frozen=True, kw_only=True)
class LinearWarmup(Trick):
    """Raise the learning rate in equal steps, one an update, until it reaches its peak."""

    name = "linear_warmup"
    slot = "warmup"
    papers = (GOYAL_2017_LARGE_MINIBATCH,)

    length: float = setting(
        0.05,
        "Share of all updates that the warmup takes, in [0, 1]: 0 is off.",
        search=Float(0.0, 0.25),
        neutral=0.0,
        rule=Range(0, 1),
    )
    start: float = setting(
        0.0,
        "Share of the peak that the rate climbs from, in [0, 1].",
        rule=Range(0, 1),
    )

    def warmup_updates(self, updates: int, per_epoch: int) -> int:
        return round(self.length * updates)

    def schedule(self, progress: Progress) -> float:
        length = self.warmup_updates(progress.updates, progress.per_epoch)
        if progress.update >= length:
            return 1.0
        # Written from the peak down, so that the last update of the warmup is at exactly 1.
        return 1 - (1 - self.start) * (1 - (progress.update + 1) / length)
