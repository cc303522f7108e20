"""One cycle: raise and lower the learning rate once, and the momentum the other way.

The learning-rate cycle comes from Smith and Topin (2017); Smith (2018) adds the opposite momentum
cycle.

Differs: there are two phases instead of the paper's three, with half cosines unless lines are asked
for, as in fastai and torch's OneCycleLR: from peak / div to the peak, then to peak / (div x
final_div).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from autotrick.domain import Choice, Float
from autotrick.tricks.base import Progress, Trick, setting
from autotrick.tricks.papers import SMITH_2017_SUPER_CONVERGENCE, SMITH_2018_DISCIPLINED
from autotrick.tricks.rules import Options, Range

_OWN = "one_cycle has its own warmup"


@dataclass(frozen=True, kw_only=True)
class OneCycle(Trick):
    """Raise and lower the learning rate once, and the momentum the other way."""

    name = "one_cycle"
    slot = "decay"
    excludes = {"linear_warmup": _OWN, "constant_warmup": _OWN, "until_error_warmup": _OWN}
    papers = (SMITH_2017_SUPER_CONVERGENCE, SMITH_2018_DISCIPLINED)

    rise: float = setting(
        0.3,
        "Position of the peak as a share of all updates, in [0, 1].",
        search=Float(0.1, 0.45),
        rule=Range(0, 1),
    )
    div: float = setting(
        25.0,
        "Peak rate divided by the initial rate, at least 1.",
        search=Float(5.0, 50.0, log=True),
        rule=Range(1),
    )
    final_div: float = setting(
        1e4,
        "Initial rate divided by the final rate, above 0.",
        rule=Range(0, open_low=True),
    )
    shape: str = setting(
        "cosine",
        "Shape of both phases: cosine or linear.",
        search=Choice(("cosine", "linear")),
        rule=Options("cosine", "linear"),
    )
    high_momentum: float = setting(
        0.95,
        "Momentum at the start and at the end, in [0, 1).",
        rule=Range(0, 1, open_high=True),
    )
    low_momentum: float = setting(
        0.85,
        "Momentum at the peak of the rate, in [0, 1).",
        search=Float(0.8, 0.95),
        rule=Range(0, 1, open_high=True),
    )

    def warmup_updates(self, updates: int, per_epoch: int) -> int:
        return max(1, round(self.rise * updates))

    def schedule(self, progress: Progress) -> float:
        climbing, part = self._phase(progress)
        start, end = 1 / self.div, 1 / (self.div * self.final_div)
        return self._between(start, 1.0, part) if climbing else self._between(1.0, end, part)

    def momentum_at(self, progress: Progress) -> float:
        climbing, part = self._phase(progress)
        high, low = self.high_momentum, self.low_momentum
        return self._between(high, low, part) if climbing else self._between(low, high, part)

    def _phase(self, progress: Progress) -> tuple[bool, float]:
        """Return whether the rate is rising, and the completed share of that phase, in [0, 1]."""
        peak = self.warmup_updates(progress.updates, progress.per_epoch) - 1
        if progress.update < peak:
            return True, progress.update / peak
        return False, (progress.update - peak) / max(1, progress.updates - 1 - peak)

    def _between(self, start: float, end: float, part: float) -> float:
        moved = part if self.shape == "linear" else math.sin(math.pi / 2 * part) ** 2
        return start + (end - start) * moved if part < 1 else end
