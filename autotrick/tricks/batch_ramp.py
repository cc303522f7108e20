"""Batch-size ramp: increase the batch size instead of lowering the learning rate.

Where a schedule would divide the rate by 5, the batch grows fivefold. The noise in the updates is the
same, with fewer updates.

Each update accumulates gradients over more batches of the recipe's size, so memory use does not grow.
The learning rate stays that of the first batch.

Differs: batches grow at the start of an epoch, by a whole factor. The paper stops growing at a tenth
of the training set; here an update covers at most one epoch. Batch normalisation still sees batches
of the recipe's size.
"""

from __future__ import annotations

from dataclasses import dataclass

from autotrick.domain import Integer
from autotrick.tricks.base import Trick, setting
from autotrick.tricks.multi_step_decay import MOMENTS
from autotrick.tricks.papers import SMITH_2018_INCREASE_BATCH
from autotrick.tricks.rules import Range


@dataclass(frozen=True, kw_only=True)
class BatchRamp(Trick):
    """Enlarge the batch at given points of training instead of lowering the learning rate."""

    name = "batch_ramp"
    slot = "decay"
    papers = (SMITH_2018_INCREASE_BATCH,)

    growth: int = setting(
        5,
        "Factor on the batch size at each increase, at least 1: 1 is off.",
        search=Integer(2, 5),
        neutral=1,
        rule=Range(1, 1000),
    )
    moments: list[float] = setting(
        [0.3, 0.6, 0.8],
        "Points at which the batch grows, each as a share of all epochs, in (0, 1].",
        rule=MOMENTS,
    )

    def accumulate(self, epoch: int, epochs: int) -> int:
        passed = sum(epoch / epochs >= moment for moment in self.moments)
        return int(self.growth**passed)
