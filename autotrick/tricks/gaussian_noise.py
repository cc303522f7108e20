"""Gaussian noise: add separate noise to every value of every image.

The standard deviation is on the scale from 0 to 1, however the images are stored. Differs: values are
rounded to 256 levels and clipped at black and white; the normal distribution has 65536 steps.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from autotrick.domain import Float
from autotrick.tricks.base import Pictures, Run, Trick
from autotrick.tricks.papers import BISHOP_1995_NOISE
from autotrick.tricks.warping import unit_setting


@dataclass(frozen=True, kw_only=True)
class GaussianNoise(Trick):
    """Add zero-mean normal noise to every value of every pixel."""

    name = "gaussian_noise"
    papers = (BISHOP_1995_NOISE,)
    cost = 1.01
    position = 48
    does = frozenset({"noise"})

    sigma: float = unit_setting(
        0.05,
        "Standard deviation on the scale from 0 (black) to 1 (white), in [0, 1].",
        search=Float(0.005, 0.3, log=True),
    )

    def on_images(self, pictures: Pictures, samples: NDArray[np.int64], run: Run) -> Pictures:
        keys = run.stream(self.name).bits(run.update, samples, 1)[:, 0]
        return pictures.add_noise(keys, np.full(len(pictures), 255 * self.sigma))
