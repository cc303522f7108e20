"""JPEG: compress images and open them again, each with its own quality.

Zheng, Song, Leung, Goodfellow, "Improving the Robustness of Deep Neural Networks via Stability
Training", CVPR 2016. https://arxiv.org/abs/1604.04326

Every image goes through Pillow on its own: 150 microseconds for one of 32 x 32 pixels on one core, where
the compiled operations take 2 to 45. Pixels depend on Pillow's version too.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from autotrick.domain import Float, Integer
from autotrick.tricks.base import Paper, Pictures, Run, Trick, setting
from autotrick.tricks.warping import unit_setting


@dataclass(frozen=True, kw_only=True)
class Jpeg(Trick):
    """Give images the marks of JPEG compression, of a quality drawn for each."""

    name = "jpeg"
    papers = (
        Paper(
            "Improving the Robustness of Deep Neural Networks via Stability Training",
            "Zheng, Song, Leung, Goodfellow",
            2016,
            "https://arxiv.org/abs/1604.04326",
        ),
    )
    cost = 1.3
    position = 47
    does = frozenset({"jpeg"})

    probability: float = unit_setting(
        0.5,
        "Chance that an image is compressed, in [0, 1].",
        name="probability",
        search=Float(0.1, 1.0),
    )
    worst: int = setting(
        40,
        "Lowest quality, from 1 to 95, as Pillow counts; the highest is 95.",
        search=Integer(10, 90),
        rule="1 <= worst <= 95",
        accepts=lambda worst: 1 <= worst <= 95,
    )

    def on_images(self, pictures: Pictures, samples: NDArray[np.int64], run: Run) -> Pictures:
        if self.probability == 0:
            return pictures
        draws = run.stream(self.name).uniform(run.update, samples, 2)
        qualities = self.worst + (draws[:, 1] * (96 - self.worst)).astype(np.int64)
        return pictures.compress(np.where(draws[:, 0] < self.probability, qualities, 0))
