"""Linear decay: lower the learning rate by the same amount every update.

The paper uses a triangle that climbs from 0.2 of the peak over 23 % of training and falls to 0.07 of
it; the climb is `linear_warmup` with length 0.23 and start 0.2.
"""

from __future__ import annotations

from dataclasses import dataclass

from autotrick.domain import Float
from autotrick.tricks.base import Progress, Trick, setting
from autotrick.tricks.papers import JORDAN_2024_AIRBENCH
from autotrick.tricks.rules import Range


@dataclass(frozen=True, kw_only=True)
class LinearDecay(Trick):
    """Lower the learning rate linearly from the peak to a share of it."""

    name = "linear_decay"
    slot = "decay"
    papers = (JORDAN_2024_AIRBENCH,)

    final: float = setting(
        0.07,
        "Final rate as a share of the peak, in [0, 1]: 1 is off.",
        search=Float(0.0, 0.2),
        neutral=1.0,
        rule=Range(0, 1),
    )

    def schedule(self, progress: Progress) -> float:
        return 1 - (1 - self.final) * progress.decay
