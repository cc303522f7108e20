"""JPEG: compress images and open them again, each with its own quality.

Every image goes through Pillow on its own: 150 microseconds for one of 32 x 32 pixels on one core, where
the compiled operations take 2 to 45. Pixels depend on Pillow's version too.
"""

from __future__ import annotations

from dataclasses import dataclass
from io import BytesIO

import numpy as np
from numpy.typing import NDArray

from autotrick.domain import Float, Integer
from autotrick.tricks.base import Images, Run, Trick, setting
from autotrick.tricks.papers import ZHENG_2016_STABILITY
from autotrick.tricks.rules import Range
from autotrick.tricks.warping import unit_setting


@dataclass(frozen=True, kw_only=True)
class Jpeg(Trick):
    """Give images the marks of JPEG compression, of a quality drawn for each."""

    name = "jpeg"
    papers = (ZHENG_2016_STABILITY,)
    cost = 1.3
    position = 47
    does = frozenset({"jpeg"})

    probability: float = unit_setting(
        0.5,
        "Chance that an image is compressed, in [0, 1].",
        search=Float(0.1, 1.0),
    )
    worst: int = setting(
        40,
        "Lowest quality, from 1 to 95, as Pillow counts; the highest is 95.",
        search=Integer(10, 90),
        rule=Range(1, 95),
    )

    def on_images(self, images: Images, samples: NDArray[np.int64], run: Run) -> Images:
        draws = run.stream(self.name).uniform(run.update, samples, 2)
        for i in np.flatnonzero(draws[:, 0] < self.probability):
            images[i] = compressed(images[i], self.worst + int(draws[i, 1] * (96 - self.worst)))
        return images


def compressed(image: NDArray[np.uint8], quality: int) -> NDArray[np.uint8]:
    """Return an image (H, W, C) after JPEG compression with Pillow's defaults."""
    from PIL import Image

    buffer = BytesIO()
    plain = image[..., 0] if image.shape[2] == 1 else image
    Image.fromarray(plain).save(buffer, "JPEG", quality=quality)
    return np.asarray(Image.open(buffer), np.uint8).reshape(image.shape)
