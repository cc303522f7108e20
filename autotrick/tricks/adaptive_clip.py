"""Adaptive gradient clipping (AGC): clip each unit's gradient relative to its weights.

A unit is one row of a weight (an output channel) or a whole vector. The last layer is not clipped.
Uses timm's adaptive_clip_grad.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from autotrick.domain import Float
from autotrick.tricks.base import Run, Trick, setting
from autotrick.tricks.layers import head
from autotrick.tricks.papers import BROCK_2021_NFNETS
from autotrick.tricks.rules import Range


@dataclass(frozen=True, kw_only=True)
class AdaptiveClip(Trick):
    """Limit the norm of each unit's gradient to a share of the norm of its weights."""

    name = "adaptive_clip"
    papers = (BROCK_2021_NFNETS,)
    cost = 1.05
    position = 65

    share: float = setting(
        0.01,
        "Largest gradient norm as a share of the weights' norm, at least 0: 0 is off.",
        search=Float(0.01, 0.16, log=True),
        neutral=0.0,
        rule=Range(0),
    )

    def on_gradient(self, run: Run, again: Callable[[], None]) -> None:
        from timm.utils import adaptive_clip_grad

        last = {id(p) for p in head(run.model).values()}
        others = [p for p in run.model.parameters() if id(p) not in last]
        adaptive_clip_grad(others, clip_factor=self.share)
