"""Translate: move each image randomly along one axis or both.

With interpolation "nearest", images move by whole pixels and values do not change.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from autotrick.augment.policies import Border, Interpolation
from autotrick.domain import Choice, Float
from autotrick.tricks.base import Pictures, Run, Trick, setting
from autotrick.tricks.papers import CIRESAN_2012_MULTI_COLUMN
from autotrick.tricks.rules import Options
from autotrick.tricks.warping import (
    border_setting,
    either_way,
    interpolation_setting,
    maps,
    unit_setting,
)

AXES = ("x", "y", "both")


@dataclass(frozen=True, kw_only=True)
class Translate(Trick):
    """Move each image along X, Y or both by a random share of its side."""

    name = "translate"
    papers = (CIRESAN_2012_MULTI_COLUMN,)
    cost = 1.01
    position = 16
    does = frozenset({"translate"})

    distance: float = unit_setting(
        0.1,
        "Largest shift in either direction as a share of the side, in [0, 1].",
        search=Float(0.02, 0.3),
    )
    axis: str = setting(
        "both",
        "Axis of the shift: x, y or both, each with its own draw.",
        search=Choice(AXES),
        rule=Options(*AXES),
    )
    border: Border = border_setting()
    interpolation: Interpolation = interpolation_setting()

    def on_images(self, pictures: Pictures, samples: NDArray[np.int64], run: Run) -> Pictures:
        border, interpolation = self.border, self.interpolation
        draws = run.stream(self.name).uniform(run.update, samples, 2)
        sides = np.array(pictures.size[::-1])
        used = np.array([self.axis != "y", self.axis != "x"])
        moves = either_way(draws, self.distance) * sides * used
        if interpolation == "nearest":
            whole = np.rint(moves).astype(np.int64)
            return pictures.move(whole[:, 1], whole[:, 0], border)
        ones, nothing = np.ones(len(pictures)), np.zeros(len(pictures))
        places = maps(ones, nothing, nothing, ones)
        places[:, :, 2] = moves
        return pictures.warp(places, border, interpolation)
