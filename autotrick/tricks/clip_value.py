"""Gradient clipping by value: clamp each element of the gradient.

The paper contrasts it with clipping by norm: it goes back to Mikolov (2012), works element by
element, and can change the gradient's direction.

Differs: the default suits classifiers, whose gradients are far smaller than those of recurrent
networks.
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
class ClipValue(Trick):
    """Clamp every element of the gradient to a range."""

    name = "clip_value"
    papers = (PASCANU_2013_CLIPPING,)
    position = 60

    largest: float = setting(
        0.05,
        "Largest absolute value of an element, at least 0: 0 is off.",
        search=Float(0.005, 0.5, log=True),
        neutral=0.0,
        rule=Range(0),
    )

    def on_gradient(self, run: Run, again: Callable[[], None]) -> None:
        nn.utils.clip_grad_value_(run.model.parameters(), self.largest)
