"""Cyclical learning rates: let the rate climb and fall along a triangle, again and again.

The policies are the paper's "triangular" and "triangular2", whose triangles halve.

Differs: what is set is the number of cycles in the time after the warmup, in place of the updates of
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
    """Let the learning rate climb and fall along a triangle several times."""

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
        "The lowest rate as a share of the peak, in (0, 1]: 1 is off.",
        search=Float(0.02, 0.3, log=True),
        neutral=1.0,
        rule=Range(0, 1, open_low=True),
    )
    height: float = setting(
        1.0,
        "Height of a triangle as a share of the one before, in (0, 1]: 0.5 halves it.",
        search=Choice((1.0, 0.5)),
        rule=Range(0, 1, open_low=True),
    )

    def schedule(self, progress: Progress) -> float:
        span = max(1, progress.updates - progress.warmup)
        # In whole numbers, so that an update at the top of a triangle is exactly at the peak.
        cycle, place = divmod(max(0, progress.update - progress.warmup) * self.cycles, span)
        away = abs(2 * place - span) / span
        return 1 - (1 - self.low) * (1 - self.height**cycle * (1 - away))
