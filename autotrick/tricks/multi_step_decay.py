"""Multi-step decay: multiply the learning rate by a factor at chosen points of training.

The paper multiplies the rate by 0.2 at epochs 60, 120 and 160 of 200.

Equal steps are a special case: [0.3, 0.6, 0.9] multiplies by gamma every 30 of 100 epochs.

Differs: the points are shares of the time after the warmup.
"""

from __future__ import annotations

from dataclasses import dataclass

from autotrick.domain import Float
from autotrick.tricks.base import Progress, Trick, setting
from autotrick.tricks.papers import ZAGORUYKO_2016_WIDE_RESNET
from autotrick.tricks.rules import Each, Range

MOMENTS = Each(Range(0, 1, open_low=True), at_most=1000)


@dataclass(frozen=True, kw_only=True)
class MultiStepDecay(Trick):
    """Multiply the learning rate by gamma at each of a list of points."""

    name = "multi_step_decay"
    slot = "decay"
    papers = (ZAGORUYKO_2016_WIDE_RESNET,)

    moments: list[float] = setting(
        [0.3, 0.6, 0.8],
        "Points at which the rate falls, each as a share of the time after the warmup, in (0, 1].",
        rule=MOMENTS,
    )
    gamma: float = setting(
        0.2,
        "Factor on the rate at each point, in (0, 1]: 1 is off.",
        search=Float(0.1, 0.7, log=True),
        neutral=1.0,
        rule=Range(0, 1, open_low=True),
    )

    def schedule(self, progress: Progress) -> float:
        return float(self.gamma ** sum(progress.decay >= moment for moment in self.moments))
