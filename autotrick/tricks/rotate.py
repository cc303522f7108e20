"""Rotate: turn each image by a few random degrees.

The image size does not change: corners are cut off, and the border setting decides what fills the
gaps.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from autotrick.augment.policies import Border, Interpolation
from autotrick.domain import Float
from autotrick.tricks.base import Pictures, Run, Trick, setting
from autotrick.tricks.papers import CIRESAN_2012_MULTI_COLUMN
from autotrick.tricks.rules import Range
from autotrick.tricks.warping import border_setting, either_way, interpolation_setting, maps


@dataclass(frozen=True, kw_only=True)
class Rotate(Trick):
    """Rotate each image about its centre by a random angle in either direction."""

    name = "rotate"
    papers = (CIRESAN_2012_MULTI_COLUMN,)
    cost = 1.01
    position = 14
    does = frozenset({"rotate"})

    degrees: float = setting(
        15.0,
        "Largest angle in either direction, in degrees; in [0, 180].",
        search=Float(2.0, 45.0),
        neutral=0.0,
        rule=Range(0, 180),
    )
    border: Border = border_setting()
    interpolation: Interpolation = interpolation_setting()

    def on_images(self, pictures: Pictures, samples: NDArray[np.int64], run: Run) -> Pictures:
        draws = run.stream(self.name).uniform(run.update, samples, 1)
        angles = np.radians(either_way(draws[:, 0], self.degrees))
        sine, cosine = np.sin(angles), np.cos(angles)
        return pictures.warp(
            maps(cosine, -sine, sine, cosine),
            self.border,
            self.interpolation,
        )
