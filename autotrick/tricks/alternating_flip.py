"""Alternating flip: mirror each image in every second epoch.

The first epoch mirrors a random half of the images; after that every image alternates. Any two
successive epochs therefore show both sides of an image, whereas random flipping shows the same side
twice half of the time.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from autotrick.tricks.base import Pictures, Run, Trick
from autotrick.tricks.papers import JORDAN_2024_AIRBENCH


@dataclass(frozen=True, kw_only=True)
class AlternatingFlip(Trick):
    """Mirror each image left to right in every second epoch, starting with a random half."""

    name = "alternating_flip"
    papers = (JORDAN_2024_AIRBENCH.at("section 3.6"),)
    cost = 1.0
    position = 20
    does = frozenset({"flip"})
    excludes = {"flip": "both mirror left to right, and together they undo the alternation"}

    def on_images(self, pictures: Pictures, samples: NDArray[np.int64], run: Run) -> Pictures:
        first = run.stream(self.name).uniform(0, samples, 1)[:, 0] < 0.5
        return pictures.flip(first ^ (run.epoch % 2 == 1))
