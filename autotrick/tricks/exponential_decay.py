"""Exponential decay: multiply the learning rate by the same factor in equal intervals.

The paper multiplies the rate by 0.97 every 2.4 of 350 epochs, in steps, which ends near 0.012 of the
peak.

TensorFlow defines it as rate x factor ^ (update / every), with the exponent rounded down for a
staircase. With T updates after the warmup, `final` is factor ^ (T / every) and `steps` is T / every.

Differs: the settings are the total decay and the number of steps. They suit any budget and can be
searched independently.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from autotrick.domain import Choice, Float
from autotrick.tricks.base import Progress, Trick, setting
from autotrick.tricks.papers import TAN_2019_EFFICIENTNET
from autotrick.tricks.rules import Range


@dataclass(frozen=True, kw_only=True)
class ExponentialDecay(Trick):
    """Lower the learning rate by the same factor in equal intervals, smoothly or in steps."""

    name = "exponential_decay"
    slot = "decay"
    papers = (TAN_2019_EFFICIENTNET,)

    final: float = setting(
        0.012,
        "Final rate as a share of the peak, in (0, 1]: 1 is off.",
        search=Float(0.001, 0.3, log=True),
        neutral=1.0,
        rule=Range(0, 1, open_low=True),
    )
    steps: int = setting(
        0,
        "Number of equal steps of a staircase, each at one rate, at least 1; 0 decays smoothly.",
        search=Choice((0, 5, 20)),
        rule=Range(0, 1000000),
    )

    def schedule(self, progress: Progress) -> float:
        done = progress.decay
        if self.steps:
            done = math.floor(done * self.steps) / self.steps
        return float(self.final**done)
