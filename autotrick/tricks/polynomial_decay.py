"""Polynomial decay ("poly"): lower the learning rate with a power of the remaining time.

In the paper the rate is multiplied by (1 - t / T)^0.9 at every update t of T.

Differs: t and T count the updates after the warmup, and a share of the peak can remain at the end.
"""

from __future__ import annotations

from dataclasses import dataclass

from autotrick.domain import Float
from autotrick.tricks.base import Progress, Trick, setting
from autotrick.tricks.papers import CHEN_2018_DEEPLAB
from autotrick.tricks.rules import Range


@dataclass(frozen=True, kw_only=True)
class PolynomialDecay(Trick):
    """Lower the learning rate with a power of the remaining share of training."""

    name = "polynomial_decay"
    slot = "decay"
    papers = (CHEN_2018_DEEPLAB.at("section 4.1"),)

    power: float = setting(
        0.9,
        "Exponent of the remaining share, at least 0: 0 is off, 1 is linear.",
        search=Float(0.5, 3.0),
        neutral=0.0,
        rule=Range(0, 1000),
    )
    final: float = setting(
        0.0,
        "Final rate as a share of the peak, in [0, 1]: 1 is off.",
        search=Float(0.0, 0.1),
        neutral=1.0,
        rule=Range(0, 1),
    )

    def schedule(self, progress: Progress) -> float:
        # Computed down from the peak, which is exact at the peak and at both neutral values.
        left = float((1 - progress.decay) ** self.power)
        return 1 - (1 - self.final) * (1 - left)
