"""3-Augment: make each image gray, solarised or blurred, with a little colour jitter.

Flipping and cropping, which the paper includes, are separate tricks. Differs: the blur's standard
deviation is drawn between 0.1 and 2 pixels for a side of 224, in proportion for others; it is an
exact Gaussian, not Pillow's. Gray images cannot be made gray.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from autotrick.augment import plans
from autotrick.augment.policies import OPERATIONS
from autotrick.domain import Float
from autotrick.tricks.base import Pictures, Run, Trick, setting
from autotrick.tricks.colour_jitter import jittered
from autotrick.tricks.papers import TOUVRON_2022_DEIT_III
from autotrick.tricks.rules import Range
from autotrick.tricks.warping import unit_setting

ONE_OF = [OPERATIONS.index(name) for name in ("Color", "Solarize")]
MAGNITUDES = (-1.0, 128 / 255)
"Make gray, or invert from level 128 on."


@dataclass(frozen=True, kw_only=True)
class ThreeAugment(Trick):
    """Make each image gray, solarised or blurred, and jitter its colours."""

    name = "three_augment"
    slot = "policy"
    papers = (TOUVRON_2022_DEIT_III.at("section 3.3"),)
    cost = 1.04
    position = 30
    does = frozenset({"brightness", "contrast", "colour", "solarize", "blur"})

    probability: float = unit_setting(
        1.0,
        "Probability that an image is augmented, in [0, 1]; values below 1 suit short trainings.",
        search=Float(0.2, 1.0),
    )
    jitter: float = setting(
        0.3,
        "Factors of brightness, contrast and saturation lie between 1 - jitter and 1 + jitter.",
        search=Float(0.0, 0.5),
        rule=Range(0, 1),
    )

    def on_images(self, pictures: Pictures, samples: NDArray[np.int64], run: Run) -> Pictures:
        draws = run.stream(self.name).uniform(run.update, samples, 11)
        chosen = (draws[:, 0] * 3).astype(np.int64)
        on = draws[:, 1] < self.probability
        codes = np.where(on & (chosen < 2), np.array([*ONE_OF, 0])[chosen], plans.IDENTITY)
        pictures.apply(codes[:, None], np.array([*MAGNITUDES, 0.0])[chosen][:, None])
        sigmas = (0.1 + 1.9 * draws[:, 2]) / 224 * min(pictures.size)
        pictures.blur(np.where(on & (chosen == 2), sigmas, 0.0))
        jitter = jittered(draws[:, 3:], self.jitter, 0.0)
        return pictures.apply(*plans.keep(jitter, draws[:, 1], self.probability))
