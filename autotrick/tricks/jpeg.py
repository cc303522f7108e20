"""JPEG: compress and decompress images, each with its own quality.

Pillow processes each image separately: 150 microseconds for 32 x 32 pixels on one core, where the
compiled operations take 2 to 45. Pixels also depend on Pillow's version.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from autotrick.domain import Float, Integer
from autotrick.tricks.base import Pictures, Run, Trick, setting
from autotrick.tricks.papers import ZHENG_2016_STABILITY
from autotrick.tricks.rules import Range
from autotrick.tricks.warping import unit_setting


@dataclass(frozen=True, kw_only=True)
class Jpeg(Trick):
    """Add JPEG artefacts of a random quality to images."""

    name = "jpeg"
    papers = (ZHENG_2016_STABILITY,)
    cost = 1.3
    position = 47
    does = frozenset({"jpeg"})

    probability: float = unit_setting(
        0.5,
        "Probability that an image is compressed, in [0, 1].",
        search=Float(0.1, 1.0),
    )
    worst: int = setting(
        40,
        "Lowest quality on Pillow's scale, from 1 to 95; the highest is 95.",
        search=Integer(10, 90),
        rule=Range(1, 95),
    )

    def on_images(self, pictures: Pictures, samples: NDArray[np.int64], run: Run) -> Pictures:
        draws = run.stream(self.name).uniform(run.update, samples, 2)
        qualities = self.worst + (draws[:, 1] * (96 - self.worst)).astype(np.int64)
        return pictures.compress(np.where(draws[:, 0] < self.probability, qualities, 0))
