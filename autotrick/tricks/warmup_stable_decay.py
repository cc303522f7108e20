"""Warmup, stable, decay (WSD): climb, hold the full learning rate for most of training, then fall.

Differs: the fall is a line or one minus a square root, which Haegele et al. (2024) found to be as
good and that need no rate of decay; the paper's is exponential. All lengths are shares of all
updates.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from autotrick.domain import Choice, Float
from autotrick.tricks.base import Progress, Trick, setting
from autotrick.tricks.papers import HAEGELE_2024_SCALING_LAWS, HU_2024_MINICPM
from autotrick.tricks.rules import Options, Range

_OWN = "warmup_stable_decay warms up by itself"


@dataclass(frozen=True, kw_only=True)
class WarmupStableDecay(Trick):
    """Climb to the full learning rate, hold it for most of training, and fall at the end."""

    name = "warmup_stable_decay"
    slot = "decay"
    excludes = {"linear_warmup": _OWN, "constant_warmup": _OWN, "until_error_warmup": _OWN}
    papers = (HU_2024_MINICPM, HAEGELE_2024_SCALING_LAWS)

    warmup: float = setting(
        0.05,
        "Share of all updates that the rate climbs for, in [0, 1].",
        search=Float(0.0, 0.25),
        rule=Range(0, 1),
    )
    fall: float = setting(
        0.2,
        "Share of all updates, at the end, that the rate falls for, in (0, 1].",
        search=Float(0.1, 0.5),
        rule=Range(0, 1, open_low=True),
    )
    shape: str = setting(
        "sqrt",
        "How the rate falls: sqrt (1 - sqrt(x)) or linear (1 - x).",
        search=Choice(("sqrt", "linear")),
        rule=Options("sqrt", "linear"),
    )
    final: float = setting(
        0.0,
        "Share of the peak that the rate falls to, in [0, 1].",
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
        # Where the climb leaves less time than the fall asks for, the fall takes what is left.
        start = max(climb, progress.updates - falling)
        fallen = max(0, progress.update - start) / max(1, progress.updates - start)
        moved = math.sqrt(fallen) if self.shape == "sqrt" else fallen
        return 1 - (1 - self.final) * moved
