"""Contrast: scale each channel's values about their mean by a random factor per image.

Differs: each channel keeps its own mean, as in TensorFlow's CIFAR-10 tutorial (factors 0.2 to 1.8
there); `colour_jitter` uses the mean gray of the whole image.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from autotrick.domain import Float
from autotrick.tricks.base import Pictures, Run, Trick
from autotrick.tricks.papers import HOWARD_2013_IMPROVEMENTS
from autotrick.tricks.warping import either_way, unit_setting


@dataclass(frozen=True, kw_only=True)
class ChannelContrast(Trick):
    """Scale the distance of every value from its channel's mean."""

    name = "contrast"
    papers = (HOWARD_2013_IMPROVEMENTS,)
    cost = 1.01
    position = 41
    does = frozenset({"contrast"})

    spread: float = unit_setting(
        0.5,
        "Factors are uniform between 1 - spread and 1 + spread; spread is in [0, 1].",
        search=Float(0.05, 0.8),
    )

    def on_images(self, pictures: Pictures, samples: NDArray[np.int64], run: Run) -> Pictures:
        draws = run.stream(self.name).uniform(run.update, samples, 1)
        return pictures.scale_contrast(1 + either_way(draws[:, 0], self.spread))
