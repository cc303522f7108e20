"""Constant warmup: start at a low learning rate, then switch to the full one.

The paper starts at a rate of 0.01 instead of 0.1, since the full rate is too large to start
converging. Goyal et al. (2017) call it constant warmup and compare it with gradual warmup.

Differs: the length is a share of all updates. The paper waits for the training error to fall, which
is `until_error_warmup`.
"""

from __future__ import annotations

from dataclasses import dataclass

from autotrick.domain import Float
from autotrick.tricks.base import Progress, Trick, setting
from autotrick.tricks.papers import GOYAL_2017_LARGE_MINIBATCH, HE_2016_RESNET
from autotrick.tricks.rules import Range


@dataclass(frozen=True, kw_only=True)
class ConstantWarmup(Trick):
    """Use a constant low learning rate at the start, then jump to the full one."""

    name = "constant_warmup"
    slot = "warmup"
    papers = (HE_2016_RESNET.at("section 4.2"), GOYAL_2017_LARGE_MINIBATCH)

    length: float = setting(
        0.05,
        "Warmup length as a share of all updates, in [0, 1]: 0 is off.",
        search=Float(0.0, 0.25),
        neutral=0.0,
        rule=Range(0, 1),
    )
    factor: float = setting(
        0.1,
        "Low rate as a share of the full one, in (0, 1].",
        search=Float(0.01, 0.5, log=True),
        rule=Range(0, 1, open_low=True),
    )

    def warmup_updates(self, updates: int, per_epoch: int) -> int:
        return round(self.length * updates)

    def schedule(self, progress: Progress) -> float:
        length = self.warmup_updates(progress.updates, progress.per_epoch)
        return self.factor if progress.update < length else 1.0
