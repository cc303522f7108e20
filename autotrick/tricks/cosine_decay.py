"""Cosine decay: lower the learning rate along half a cosine wave.

Differs: there are no restarts, and the wave covers the updates after the warmup, as in He et al.
(2019). Each update uses the rate at its start, so the first update is at the peak and the last one
above `final`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from autotrick.domain import Float
from autotrick.tricks.base import Claim, Progress, Trick, setting
from autotrick.tricks.papers import HE_2019_BAG_OF_TRICKS, LOSHCHILOV_2017_SGDR
from autotrick.tricks.rules import Range


@dataclass(frozen=True, kw_only=True)
class CosineDecay(Trick):
    """Lower the learning rate along half a cosine: slowly, then fast, then slowly."""

    name = "cosine_decay"
    slot = "decay"
    papers = (LOSHCHILOV_2017_SGDR, HE_2019_BAG_OF_TRICKS)
    claims = (Claim("cifar10", "resnet-preact-56", 94.15, 94.28, "compared with step decay"),)

    final: float = setting(
        0.0,
        "Final rate as a share of the peak, in [0, 1]: 1 is off.",
        search=Float(0.0, 0.1),
        neutral=1.0,
        rule=Range(0, 1),
    )

    def schedule(self, progress: Progress) -> float:
        # (1 + cos x) / 2 = 1 - sin(x / 2)^2 is exact at the peak and at final = 1.
        return 1 - (1 - self.final) * math.sin(math.pi / 2 * progress.decay) ** 2
