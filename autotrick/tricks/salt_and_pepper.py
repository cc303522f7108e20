"""Salt and pepper: set a few random pixels of each image to black or white.

Differs: all channels of a pixel change together.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from autotrick.domain import Float
from autotrick.tricks.base import Pictures, Run, Trick
from autotrick.tricks.papers import VINCENT_2010_DENOISING
from autotrick.tricks.warping import unit_setting


@dataclass(frozen=True, kw_only=True)
class SaltAndPepper(Trick):
    """Set random pixels to black or white with equal probability."""

    name = "salt_and_pepper"
    papers = (VINCENT_2010_DENOISING.at("section 3.3"),)
    cost = 1.01
    position = 49
    does = frozenset({"noise"})

    amount: float = unit_setting(
        0.02,
        "Probability that a pixel is set, in [0, 1].",
        search=Float(0.002, 0.1, log=True),
    )

    def on_images(self, pictures: Pictures, samples: NDArray[np.int64], run: Run) -> Pictures:
        keys = run.stream(self.name).bits(run.update, samples, 1)[:, 0]
        return pictures.salt_and_pepper(keys, np.full(len(pictures), self.amount))
