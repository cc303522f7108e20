"""Colour jitter: change brightness, contrast, saturation and hue in random order.

Operations and their ranges match torchvision's ColorJitter. Gray images keep saturation and hue.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from autotrick.augment import plans
from autotrick.augment.policies import OPERATIONS
from autotrick.domain import Float
from autotrick.tricks.base import Pictures, Run, Trick, setting
from autotrick.tricks.papers import HOWARD_2013_IMPROVEMENTS
from autotrick.tricks.rules import Range, ZeroWith
from autotrick.tricks.warping import either_way, unit_setting

CODES = [OPERATIONS.index(name) for name in ("Brightness", "Contrast", "Color", "Hue")]


@dataclass(frozen=True, kw_only=True)
class ColourJitter(Trick):
    """Change brightness, contrast, saturation and hue of each image, in random order."""

    name = "colour_jitter"
    papers = (HOWARD_2013_IMPROVEMENTS,)
    rules = (ZeroWith("hue", leader="strength"),)
    cost = 1.03
    position = 42
    does = frozenset({"brightness", "contrast", "colour"})

    strength: float = unit_setting(
        0.3,
        "Factors of brightness, contrast and saturation lie between 1 - strength and 1 + strength.",
        search=Float(0.05, 0.8),
    )
    hue: float = setting(
        0.0,
        "Largest hue shift in either direction, as a share of the colour circle, in [0, 0.5]; needs "
        "a strength above 0.",
        search=Float(0.0, 0.2),
        rule=Range(0, 0.5),
    )

    def on_images(self, pictures: Pictures, samples: NDArray[np.int64], run: Run) -> Pictures:
        draws = run.stream(self.name).uniform(run.update, samples, 2 * len(CODES))
        return pictures.apply(*jittered(draws, self.strength, self.hue))


def jittered(draws: NDArray[np.float64], strength: float, hue: float) -> plans.Plan:
    """Plan the four changes to each image.

    Args:
        draws: (N, 8): four amounts, then four keys that decide the order.
        strength: Largest distance of a factor from 1.
        hue: Largest hue shift, as a share of the colour circle.
    """
    amounts = either_way(draws[:, : len(CODES)], 1.0) * ([strength] * 3 + [hue])
    order = draws[:, len(CODES) :].argsort(axis=1)
    return np.array(CODES)[order], np.take_along_axis(amounts, order, axis=1)
