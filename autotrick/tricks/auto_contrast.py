"""Auto contrast: stretch each channel so that its levels run from black to white.

A channel with a single level does not change, as in Pillow and torchvision (RandomAutocontrast).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from autotrick.domain import Float
from autotrick.tricks.base import Pictures, Run, Trick
from autotrick.tricks.papers import CUBUK_2019_AUTOAUGMENT
from autotrick.tricks.toning import toned
from autotrick.tricks.warping import unit_setting


@dataclass(frozen=True, kw_only=True)
class AutoContrast(Trick):
    """Stretch each channel of an image to the full range of levels."""

    name = "auto_contrast"
    papers = (CUBUK_2019_AUTOAUGMENT.at("table 6"),)
    cost = 1.01
    position = 45
    does = frozenset({"contrast"})

    probability: float = unit_setting(
        0.5,
        "Probability that an image is stretched, in [0, 1].",
        search=Float(0.1, 1.0),
    )

    def on_images(self, pictures: Pictures, samples: NDArray[np.int64], run: Run) -> Pictures:
        return toned(self, pictures, samples, run, "AutoContrast")
