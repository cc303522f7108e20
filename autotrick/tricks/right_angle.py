"""Right angle: rotate images by a random multiple of 90 degrees.

Images that are not square rotate by 180 degrees or not at all, so that a batch keeps its shape.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from autotrick.domain import Float
from autotrick.tricks.base import Pictures, Run, Trick
from autotrick.tricks.papers import VEELING_2018_ROTATION
from autotrick.tricks.warping import unit_setting


@dataclass(frozen=True, kw_only=True)
class RightAngle(Trick):
    """Rotate images by 0, 90, 180 or 270 degrees; for images without an up and a down."""

    name = "right_angle"
    papers = (VEELING_2018_ROTATION,)
    cost = 1.0
    position = 24
    multiplies = 4
    does = frozenset({"right_angle"})

    probability: float = unit_setting(
        0.75,
        "Probability that an image is rotated, in [0, 1]; at 0.75 all four angles are equally likely.",
        search=Float(0.25, 0.75),
    )

    def on_images(self, pictures: Pictures, samples: NDArray[np.int64], run: Run) -> Pictures:
        draws = run.stream(self.name).uniform(run.update, samples, 2)
        square = pictures.size[0] == pictures.size[1]
        ways = np.array([1, 2, 3] if square else [2])
        quarters = ways[(draws[:, 1] * len(ways)).astype(np.int64)]
        turned = np.where(draws[:, 0] < self.probability, quarters, 0)
        return pictures.turn(turned)
