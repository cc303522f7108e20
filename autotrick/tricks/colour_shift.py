"""Colour shift: add a number of its own to each channel of an image.

Wu, Yan, Shan, Dang, Sun, "Deep Image: Scaling up Image Recognition", 2015, section 3.1: colour
casting. https://arxiv.org/abs/1501.02876

Differs: every channel is shifted, by an amount drawn evenly; the paper picks channels at random. On
gray images, which have one channel, this is a shift of brightness.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from autotrick.domain import Float
from autotrick.tricks.base import Paper, Pictures, Run, Trick
from autotrick.tricks.warping import either_way, unit_setting


@dataclass(frozen=True, kw_only=True)
class ColourShift(Trick):
    """Cast a colour over each image: add to red, green and blue by draws of their own."""

    name = "colour_shift"
    papers = (
        Paper(
            "Deep Image: Scaling up Image Recognition",
            "Wu, Yan, Shan, Dang, Sun",
            2015,
            "https://arxiv.org/abs/1501.02876",
        ),
    )
    cost = 1.01
    position = 43
    does = frozenset({"colour"})

    delta: float = unit_setting(
        20 / 255,
        "Most that is added or taken away, as a share of the full range, in [0, 1].",
        name="delta",
        search=Float(0.01, 0.2),
    )

    def on_images(self, pictures: Pictures, samples: NDArray[np.int64], run: Run) -> Pictures:
        if self.delta == 0:
            return pictures
        draws = run.stream(self.name).uniform(run.update, samples, pictures.channels)
        return pictures.add(either_way(draws, 255 * self.delta))
