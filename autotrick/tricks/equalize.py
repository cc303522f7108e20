"""Equalize: make all levels of each channel about equally frequent.

Cubuk, Zoph, Mane, Vasudevan, Le, "AutoAugment: Learning Augmentation Policies from Data", CVPR 2019,
table 6. https://arxiv.org/abs/1805.09501
Shorten, Khoshgoftaar, "A survey on Image Data Augmentation for Deep Learning", Journal of Big Data 2019,
counts it among what is done with histograms.

The levels are Pillow's and torchvision's (RandomEqualize), channel by channel.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from autotrick.domain import Float
from autotrick.tricks.base import Paper, Pictures, Run, Trick
from autotrick.tricks.toning import toned
from autotrick.tricks.warping import unit_setting


@dataclass(frozen=True, kw_only=True)
class Equalize(Trick):
    """Spread the levels of images evenly, by the histogram of each channel."""

    name = "equalize"
    papers = (
        Paper(
            "AutoAugment: Learning Augmentation Policies from Data",
            "Cubuk, Zoph, Mane, Vasudevan, Le",
            2019,
            "https://arxiv.org/abs/1805.09501",
        ),
        Paper(
            "A survey on Image Data Augmentation for Deep Learning",
            "Shorten, Khoshgoftaar",
            2019,
            "https://doi.org/10.1186/s40537-019-0197-0",
        ),
    )
    cost = 1.01
    position = 45
    does = frozenset({"contrast"})

    probability: float = unit_setting(
        0.5,
        "Chance that an image is equalized, in [0, 1].",
        name="probability",
        search=Float(0.1, 1.0),
    )

    def on_images(self, pictures: Pictures, samples: NDArray[np.int64], run: Run) -> Pictures:
        return toned(self, pictures, samples, run, "Equalize")
