"""Gradient clipping by norm: rescale a gradient that is too long.

The norm is taken over all parameters together.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from autotrick.domain import Float
from autotrick.lazy import nn
from autotrick.tricks.base import Run, Trick, setting
from autotrick.tricks.papers import PASCANU_2013_CLIPPING
from autotrick.tricks.rules import Range


@dataclass(frozen=True, kw_only=True)
class ClipNorm(Trick):
    """Rescale the gradient so that its norm does not exceed a maximum."""

    name = "clip_norm"
    papers = (PASCANU_2013_CLIPPING,)
    cost = 1.02
    position = 70

    largest: float = setting(
        1.0,
        "Largest norm of the gradient, at least 0: 0 is off.",
        search=Float(0.1, 5.0, log=True),
        neutral=0.0,
        rule=Range(0),
    )

    def on_gradient(self, run: Run, again: Callable[[], None]) -> None:
        nn.utils.clip_grad_norm_(run.model.parameters(), self.largest)
