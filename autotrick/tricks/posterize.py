"""Posterize: keep only the highest bits of every level.

Differs: all images keep the same number of bits, as in torchvision's RandomPosterize; policies draw
it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from autotrick.domain import Float, Integer
from autotrick.tricks.base import Pictures, Run, Trick, setting
from autotrick.tricks.papers import CUBUK_2019_AUTOAUGMENT
from autotrick.tricks.rules import Range
from autotrick.tricks.toning import toned
from autotrick.tricks.warping import unit_setting


@dataclass(frozen=True, kw_only=True)
class Posterize(Trick):
    """Keep only the highest bits of every level of an image."""

    name = "posterize"
    papers = (CUBUK_2019_AUTOAUGMENT.at("table 6"),)
    cost = 1.01
    position = 45
    does = frozenset({"posterize"})

    probability: float = unit_setting(
        0.5,
        "Probability that an image is posterized, in [0, 1].",
        search=Float(0.1, 1.0),
    )
    bits: int = setting(
        4,
        "Number of bits of a level to keep, from 1 to 8; 8 changes nothing.",
        search=Integer(2, 7),
        neutral=8,
        rule=Range(1, 8),
    )

    def on_images(self, pictures: Pictures, samples: NDArray[np.int64], run: Run) -> Pictures:
        return toned(self, pictures, samples, run, "Posterize", self.bits)
