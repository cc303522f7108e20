"""Pad and crop: shift images randomly by a few pixels.

In the paper, CIFAR-10 images are padded with 4 black pixels on each side and cropped back to 32 x 32
at random. Here the padding is a share of the side, so that one setting suits every image size; 0.125
is 4 of 32.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from autotrick.augment.policies import Border
from autotrick.domain import Float
from autotrick.tricks.base import Pictures, Run, Trick, setting
from autotrick.tricks.papers import HE_2016_RESNET
from autotrick.tricks.rules import Range
from autotrick.tricks.warping import border_setting


@dataclass(frozen=True, kw_only=True)
class PadCrop(Trick):
    """Pad images on all sides and crop them back to their size at a random position."""

    name = "pad_crop"
    papers = (HE_2016_RESNET.at("section 4.2"),)
    position = 10
    does = frozenset({"translate"})

    padding: float = setting(
        0.125,
        "Padding as a share of the side, rounded to whole pixels; in [0, 1].",
        search=Float(0.05, 0.2),
        neutral=0.0,
        rule=Range(0, 1),
    )
    border: Border = border_setting()

    def on_images(self, pictures: Pictures, samples: NDArray[np.int64], run: Run) -> Pictures:
        sides = np.array(pictures.size)
        pixels = np.rint(self.padding * sides).astype(np.int64)
        if not pixels.any():
            return pictures
        draws = run.stream(self.name).uniform(run.update, samples, 2)
        moves = (draws * (2 * pixels + 1)).astype(np.int64) - pixels
        return pictures.move(moves[:, 0], moves[:, 1], self.border)
