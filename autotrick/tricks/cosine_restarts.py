"""Cosine decay with warm restarts (SGDR): decay along half a cosine, then jump back to the peak.

The paper's T0 = 10 and Tmult = 2 give periods of 10, 20, 40 and 80 epochs, which is 4 cycles with
growth 2.

Differs: the setting is the number of cycles. They fill the time after the warmup on any budget, so
that the last cycle is always complete.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from autotrick.domain import Float, Integer
from autotrick.tricks.base import Progress, Trick, setting
from autotrick.tricks.papers import LOSHCHILOV_2017_SGDR
from autotrick.tricks.rules import Range


@dataclass(frozen=True, kw_only=True)
class CosineRestarts(Trick):
    """Lower the learning rate along a cosine in several cycles that each start at the peak."""

    name = "cosine_restarts"
    slot = "decay"
    papers = (LOSHCHILOV_2017_SGDR,)

    cycles: int = setting(
        4,
        "Number of cycles, at least 1; 1 is cosine decay.",
        search=Integer(2, 5),
        rule=Range(1, 300),
    )
    growth: float = setting(
        2.0,
        "Length of a cycle relative to the previous one, at least 1.",
        search=Float(1.0, 3.0),
        rule=Range(1, 10),
    )
    final: float = setting(
        0.0,
        "Lowest rate of each cycle as a share of the peak, in [0, 1]: 1 is off.",
        search=Float(0.0, 0.1),
        neutral=1.0,
        rule=Range(0, 1),
    )

    def schedule(self, progress: Progress) -> float:
        starts = self.starts(progress.updates - progress.warmup)
        update = max(0, progress.update - progress.warmup)
        i = max(i for i in range(self.cycles) if starts[i] <= update)
        fallen = (update - starts[i]) / max(1, starts[i + 1] - starts[i])
        return 1 - (1 - self.final) * math.sin(math.pi / 2 * fallen) ** 2

    def starts(self, updates: int) -> list[int]:
        """Return the first update of every cycle, followed by the number of updates."""
        lengths = [self.growth**i for i in range(self.cycles)]
        return [round(updates * sum(lengths[:i]) / sum(lengths)) for i in range(self.cycles + 1)]
