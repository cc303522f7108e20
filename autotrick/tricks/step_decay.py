"""Step decay: multiply the learning rate by a factor at two points of training.

In the paper the rate on CIFAR-10 falls to a tenth at 32k and at 48k of 64k updates.

Differs: the two points are shares of the time after the warmup, so that they can be searched and suit
any budget.
"""

from __future__ import annotations

from dataclasses import dataclass

from autotrick.domain import Float
from autotrick.tricks.base import Progress, Trick, setting
from autotrick.tricks.papers import HE_2016_RESNET
from autotrick.tricks.rules import Range


@dataclass(frozen=True, kw_only=True)
class StepDecay(Trick):
    """Multiply the learning rate by gamma at two points of training."""

    name = "step_decay"
    slot = "decay"
    papers = (HE_2016_RESNET,)

    first: float = setting(
        0.5,
        "First reduction, as a share of the time after the warmup, in (0, 1].",
        search=Float(0.3, 0.6),
        rule=Range(0, 1, open_low=True),
    )
    second: float = setting(
        0.75,
        "Second reduction, as a share of the time after the warmup, in (0, 1]; 1 is never.",
        search=Float(0.6, 0.95),
        rule=Range(0, 1, open_low=True),
    )
    gamma: float = setting(
        0.1,
        "Factor on the rate at each point, in (0, 1]: 1 is off.",
        search=Float(0.05, 0.5, log=True),
        neutral=1.0,
        rule=Range(0, 1, open_low=True),
    )

    def schedule(self, progress: Progress) -> float:
        passed = (progress.decay >= self.first) + (progress.decay >= self.second)
        return float(self.gamma**passed)
