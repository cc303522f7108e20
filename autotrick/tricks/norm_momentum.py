"""Momentum of batch normalisation: how fast its running statistics forget.

The paper forgets 40 % an update, for a short training has no time for slow averages.

Training is not changed by it, but evaluation is.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from autotrick.domain import Float
from autotrick.lazy import nn
from autotrick.tricks.base import Run, Trick, setting
from autotrick.tricks.papers import JORDAN_2024_AIRBENCH
from autotrick.tricks.rules import Range

if TYPE_CHECKING:
    from torch.nn import Module


@dataclass(frozen=True, kw_only=True)
class NormMomentum(Trick):
    """Let the running statistics of batch normalisation forget faster or slower."""

    name = "norm_momentum"
    papers = (JORDAN_2024_AIRBENCH,)
    position = 30
    expert = False

    momentum: float = setting(
        0.4,
        "Share of a batch in the new statistics, as torch counts it, in [0, 1]: 0 leaves the "
        "architecture's own, which is 0.1 as a rule.",
        search=Float(0.01, 0.6, log=True),
        neutral=0.0,
        rule=Range(0, 1),
    )

    def on_model(self, model: Module, run: Run) -> Module:
        norms = [m for m in model.modules() if isinstance(m, nn.BatchNorm2d)]
        for norm in norms:
            norm.momentum = self.momentum
        run.notes[f"{self.name}.layers"] = len(norms)
        return model
