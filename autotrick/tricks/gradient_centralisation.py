"""Gradient centralisation: subtract the mean from the gradient of every unit.

The mean is taken over all inputs of an output channel, for convolutions and fully connected layers.
Weight decay, which the optimizer adds later, is not centred.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from autotrick.tricks.base import Run, Trick
from autotrick.tricks.papers import YONG_2020_CENTRALISATION


@dataclass(frozen=True, kw_only=True)
class GradientCentralisation(Trick):
    """Subtract the mean from each unit's gradient."""

    name = "gradient_centralisation"
    papers = (YONG_2020_CENTRALISATION,)
    cost = 1.02
    position = 40

    def on_gradient(self, run: Run, again: Callable[[], None]) -> None:
        for p in run.model.parameters():
            if p.grad is not None and p.ndim > 1:
                p.grad.sub_(p.grad.mean(dim=tuple(range(1, p.ndim)), keepdim=True))
