"""Brightness: add the same random number to all pixels of an image.

Differs: the change is additive, as in TensorFlow's CIFAR-10 tutorial (63 of 255 levels there);
`colour_jitter` multiplies instead.
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
class Brightness(Trick):
    """Make each image lighter or darker by adding a constant to all values."""

    name = "brightness"
    papers = (HOWARD_2013_IMPROVEMENTS,)
    cost = 1.01
    position = 40
    does = frozenset({"brightness"})

    delta: float = unit_setting(
        63 / 255,
        "Largest change as a share of the full range, in [0, 1].",
        search=Float(0.02, 0.4),
    )

    def on_images(self, pictures: Pictures, samples: NDArray[np.int64], run: Run) -> Pictures:
        draws = run.stream(self.name).uniform(run.update, samples, 1)
        deltas = either_way(draws, 255 * self.delta)
        return pictures.add(np.repeat(deltas, pictures.channels, axis=1))
