"""Vertical flip: mirror random images upside down."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from autotrick.domain import Float
from autotrick.tricks.base import Pictures, Run, Trick
from autotrick.tricks.papers import DIELEMAN_2015_GALAXIES
from autotrick.tricks.warping import unit_setting


@dataclass(frozen=True, kw_only=True)
class VerticalFlip(Trick):
    """Mirror random images upside down; for images without an up and a down, such as aerial ones."""

    name = "vertical_flip"
    papers = (DIELEMAN_2015_GALAXIES,)
    cost = 1.0
    position = 22
    does = frozenset({"vertical_flip"})

    probability: float = unit_setting(
        0.5,
        "Probability that an image is mirrored, in [0, 1].",
        search=Float(0.1, 0.5),
    )

    def on_images(self, pictures: Pictures, samples: NDArray[np.int64], run: Run) -> Pictures:
        draws = run.stream(self.name).uniform(run.update, samples, 1)
        return pictures.flip_vertical(draws[:, 0] < self.probability)
