"""Warmup, stable, decay (WSD): hold the full learning rate for most of training.

Differs: the decay is linear or one minus a square root, which Haegele et al. (2024) found equally
good and which need no decay rate; the paper's is exponential. All lengths are shares of all updates.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from autotrick.domain import Choice, Float
from autotrick.tricks.base import Progress, Trick, setting
from autotrick.tricks.papers import HAEGELE_2024_SCALING_LAWS, HU_2024_MINICPM
from autotrick.tricks.rules import Options, Range

_OWN = "warmup_stable_decay has its own warmup"


@dataclass(frozen=True, kw_only=True)
class WarmupStableDecay(Trick):
    """Warm up, hold the full learning rate for most of training, then lower it."""

    name = "warmup_stable_decay"
    slot = "decay"
    excludes = {"linear_warmup": _OWN, "constant_warmup": _OWN, "until_error_warmup": _OWN}
    papers = (HU_2024_MINICPM, HAEGELE_2024_SCALING_LAWS)

    warmup: float = setting(
        0.05,
        "Warmup length as a share of all updates, in [0, 1].",
        search=Float(0.0, 0.25),
        rule=Range(0, 1),
    )
    fall: float = setting(
        0.2,
        "Decay length as a share of all updates, in (0, 1].",
        search=Float(0.1, 0.5),
        rule=Range(0, 1, open_low=True),
    )
    shape: str = setting(
        "sqrt",
        "Shape of the decay: sqrt (1 - sqrt(x)) or linear (1 - x).",
        search=Choice(("sqrt", "linear")),
        rule=Options("sqrt", "linear"),
    )
    final: float = setting(
        0.0,
        "Final rate as a share of the peak, in [0, 1].",
        search=Float(0.0, 0.1),
        rule=Range(0, 1),
    )

    def warmup_updates(self, updates: int, per_epoch: int) -> int:
        return round(self.warmup * updates)

    def schedule(self, progress: Progress) -> float:
        climb = self.warmup_updates(progress.updates, progress.per_epoch)
        if progress.update < climb:
            return (progress.update + 1) / climb
        falling = max(1, round(self.fall * progress.updates))
        # If the warmup leaves too little time for the decay, the decay is shortened.
        start = max(climb, progress.updates - falling)
        fallen = max(0, progress.update - start) / max(1, progress.updates - start)
        moved = math.sqrt(fallen) if self.shape == "sqrt" else fallen
        return 1 - (1 - self.final) * moved
