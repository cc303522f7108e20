"""Hyperbolic-tangent decay (HTD): keep the learning rate high for long, then lower it fast.

The paper's factor is (1 - tanh(L + (U - L) t / T)) / 2 with L = -6 and U = 3.

Differs: the factor is divided by its value at the start, so that the peak is reached exactly; t and T
count the updates after the warmup.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from autotrick.domain import Float
from autotrick.tricks.base import Progress, Trick, setting
from autotrick.tricks.papers import HSUEH_2019_TANH_DECAY
from autotrick.tricks.rules import Range


@dataclass(frozen=True, kw_only=True)
class TanhDecay(Trick):
    """Lower the learning rate along a section of the hyperbolic tangent."""

    name = "tanh_decay"
    slot = "decay"
    papers = (HSUEH_2019_TANH_DECAY,)

    start: float = setting(
        -6.0,
        "Start of the section, below 0; lower values keep the rate high for longer.",
        search=Float(-8.0, -2.0),
        rule=Range(-15, 0),
    )
    end: float = setting(
        3.0,
        "End of the section, at least 0; higher values end at a lower rate.",
        search=Float(1.0, 4.0),
        rule=Range(0, 15),
    )

    def schedule(self, progress: Progress) -> float:
        place = self.start + (self.end - self.start) * progress.decay
        return (1 - math.tanh(place)) / (1 - math.tanh(self.start))
