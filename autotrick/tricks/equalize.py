"""Equalize: make all levels of each channel roughly equally frequent.

Shorten and Khoshgoftaar (2019) list it among the histogram operations.

The levels match Pillow's and torchvision's (RandomEqualize), channel by channel.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from autotrick.domain import Float
from autotrick.tricks.base import Pictures, Run, Trick
from autotrick.tricks.papers import CUBUK_2019_AUTOAUGMENT, SHORTEN_2019_SURVEY
from autotrick.tricks.toning import toned
from autotrick.tricks.warping import unit_setting


@dataclass(frozen=True, kw_only=True)
class Equalize(Trick):
    """Equalise the histogram of each channel of an image."""

    name = "equalize"
    papers = (CUBUK_2019_AUTOAUGMENT.at("table 6"), SHORTEN_2019_SURVEY)
    cost = 1.01
    position = 45
    does = frozenset({"contrast"})

    probability: float = unit_setting(
        0.5,
        "Probability that an image is equalized, in [0, 1].",
        search=Float(0.1, 1.0),
    )

    def on_images(self, pictures: Pictures, samples: NDArray[np.int64], run: Run) -> Pictures:
        return toned(self, pictures, samples, run, "Equalize")
