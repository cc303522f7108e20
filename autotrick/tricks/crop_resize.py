"""Crop and resize: enlarge a random part of each image to the full size.

Draws parts as torchvision's RandomResizedCrop does: uniform area, aspect ratio uniform on a log
scale, up to ten attempts to fit the image, then the largest central part with an allowed aspect
ratio. Differs: the default smallest area is 0.35. The paper's 0.08 is meant for ImageNet and would
leave 9 pixels of a 32 pixel image.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from autotrick.augment.policies import Interpolation
from autotrick.domain import Float
from autotrick.tricks.base import Pictures, Run, Trick, setting
from autotrick.tricks.papers import SZEGEDY_2015_GOING_DEEPER
from autotrick.tricks.rules import Range
from autotrick.tricks.warping import interpolation_setting

ATTEMPTS = 10


@dataclass(frozen=True, kw_only=True)
class CropResize(Trick):
    """Crop a part of random area and aspect ratio from each image and resize it to full size."""

    name = "crop_resize"
    papers = (SZEGEDY_2015_GOING_DEEPER.at("section 6"),)
    cost = 1.01
    position = 8
    does = frozenset({"crop", "scale"})

    smallest: float = setting(
        0.35,
        "Smallest area of a part as a share of the image, in (0, 1]; the largest is 1.",
        search=Float(0.08, 1.0),
        rule=Range(0.01, 1),
    )
    aspect: float = setting(
        4 / 3,
        "Largest aspect ratio of a part in either direction, at least 1.",
        search=Float(1.0, 2.0),
        rule=Range(1, 10),
    )
    interpolation: Interpolation = interpolation_setting()

    def on_images(self, pictures: Pictures, samples: NDArray[np.int64], run: Run) -> Pictures:
        draws = run.stream(self.name).uniform(run.update, samples, 2 * ATTEMPTS + 2)
        parts = boxes(draws, pictures.size, self.smallest, self.aspect)
        return pictures.enlarge(parts, self.interpolation)


def boxes(
    draws: NDArray[np.float64], size: tuple[int, int], smallest: float, aspect: float
) -> NDArray[np.int64]:
    """Return (N, 4) boxes: top, left, height, width.

    Args:
        draws: (N, 2 ATTEMPTS + 2): an area and an aspect ratio for each attempt, then the position.
        size: Height and width of the images.
        smallest: Smallest area as a share of the image.
        aspect: Largest aspect ratio.
    """
    height, width = size
    areas = height * width * (smallest + (1 - smallest) * draws[:, :ATTEMPTS])
    ratios = aspect ** (2 * draws[:, ATTEMPTS:-2] - 1)
    wide = np.rint(np.sqrt(areas * ratios)).astype(np.int64)
    high = np.rint(np.sqrt(areas / ratios)).astype(np.int64)
    fits = (wide > 0) & (wide <= width) & (high > 0) & (high <= height)
    rows, first = np.arange(len(draws)), fits.argmax(axis=1)
    found = fits.any(axis=1)
    # No attempt fits only if the image itself is more elongated than a part can be.
    widest = min(width, round(height * aspect))
    highest = min(height, round(width * aspect))
    wide = np.where(found, wide[rows, first], widest)
    high = np.where(found, high[rows, first], highest)
    top = np.where(found, draws[:, -2] * (height - high + 1), (height - high) // 2)
    left = np.where(found, draws[:, -1] * (width - wide + 1), (width - wide) // 2)
    return np.stack([top, left, high, wide], axis=1).astype(np.int64)
