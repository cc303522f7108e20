"""Momentum of batch normalisation: how fast its running statistics forget.

The paper forgets 40 % per update, because short trainings are too short for slow averages.

Changes evaluation but not training.
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
    """Change how fast batch normalisation's running statistics forget."""

    name = "norm_momentum"
    papers = (JORDAN_2024_AIRBENCH,)
    position = 30
    expert = False

    momentum: float = setting(
        0.4,
        "Weight of a batch in the running statistics, as in torch, in [0, 1]; 0 keeps the "
        "architecture's value, usually 0.1.",
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
