"""Colour shift: add a separate random number to each channel of an image.

The paper calls it colour casting.

Differs: every channel shifts by a uniform random amount, whereas the paper picks channels at random.
On gray images, which have one channel, this is a brightness shift.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from autotrick.domain import Float
from autotrick.tricks.base import Pictures, Run, Trick
from autotrick.tricks.papers import WU_2015_DEEP_IMAGE
from autotrick.tricks.warping import either_way, unit_setting


@dataclass(frozen=True, kw_only=True)
class ColourShift(Trick):
    """Tint each image by adding separate random amounts to red, green and blue."""

    name = "colour_shift"
    papers = (WU_2015_DEEP_IMAGE.at("section 3.1"),)
    cost = 1.01
    position = 43
    does = frozenset({"colour"})

    delta: float = unit_setting(
        20 / 255,
        "Largest change as a share of the full range, in [0, 1].",
        search=Float(0.01, 0.2),
    )

    def on_images(self, pictures: Pictures, samples: NDArray[np.int64], run: Run) -> Pictures:
        draws = run.stream(self.name).uniform(run.update, samples, pictures.channels)
        return pictures.add(either_way(draws, 255 * self.delta))
