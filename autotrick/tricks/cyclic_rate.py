"""Cyclical learning rates: raise and lower the rate along triangles.

Provides the paper's policies "triangular" and "triangular2", whose triangles halve.

Differs: the setting is the number of cycles in the time after the warmup, instead of the updates in
half a cycle.
"""

from __future__ import annotations

from dataclasses import dataclass

from autotrick.domain import Choice, Float, Integer
from autotrick.tricks.base import Progress, Trick, setting
from autotrick.tricks.papers import SMITH_2017_CYCLICAL_RATES
from autotrick.tricks.rules import Range


@dataclass(frozen=True, kw_only=True)
class CyclicRate(Trick):
    """Raise and lower the learning rate along a triangle several times."""

    name = "cyclic_rate"
    slot = "decay"
    papers = (SMITH_2017_CYCLICAL_RATES,)

    cycles: int = setting(
        3,
        "Number of triangles, at least 1.",
        search=Integer(1, 6),
        rule=Range(1, 1000000),
    )
    low: float = setting(
        0.1,
        "Lowest rate as a share of the peak, in (0, 1]: 1 is off.",
        search=Float(0.02, 0.3, log=True),
        neutral=1.0,
        rule=Range(0, 1, open_low=True),
    )
    height: float = setting(
        1.0,
        "Height of a triangle relative to the previous one, in (0, 1]: 0.5 halves it.",
        search=Choice((1.0, 0.5)),
        rule=Range(0, 1, open_low=True),
    )

    def schedule(self, progress: Progress) -> float:
        span = max(1, progress.updates - progress.warmup)
        # Integer arithmetic puts the top of a triangle exactly at the peak.
        cycle, place = divmod(max(0, progress.update - progress.warmup) * self.cycles, span)
        away = abs(2 * place - span) / span
        return 1 - (1 - self.low) * (1 - self.height**cycle * (1 - away))
