"""Solarize: invert every level at or above a threshold.

Differs: all images share one threshold, as in torchvision's RandomSolarize; policies draw it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from autotrick.domain import Float
from autotrick.tricks.base import Pictures, Run, Trick, setting
from autotrick.tricks.papers import CUBUK_2019_AUTOAUGMENT
from autotrick.tricks.rules import Range
from autotrick.tricks.toning import toned
from autotrick.tricks.warping import unit_setting


@dataclass(frozen=True, kw_only=True)
class Solarize(Trick):
    """Invert the levels of an image that reach a threshold."""

    name = "solarize"
    papers = (CUBUK_2019_AUTOAUGMENT.at("table 6"),)
    cost = 1.01
    position = 45
    does = frozenset({"solarize"})

    probability: float = unit_setting(
        0.5,
        "Probability that an image is solarized, in [0, 1].",
        search=Float(0.1, 1.0),
    )
    threshold: float = setting(
        0.5,
        "Lowest level to invert, as a share of the full range, in [0, 1]; 0 inverts all.",
        search=Float(0.25, 1.0),
        rule=Range(0, 1),
    )

    def on_images(self, pictures: Pictures, samples: NDArray[np.int64], run: Run) -> Pictures:
        return toned(self, pictures, samples, run, "Solarize", self.threshold)
