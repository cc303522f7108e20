"""RandAugment: apply a few random operations, all of one strength.

Operations and strengths match torchvision's RandAugment. Its magnitude counts 31 bins: 9 is 30
percent of the range, whereas timm's `m9` is 90 percent (and applies each operation with probability
0.5).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from autotrick.augment import plans
from autotrick.augment.policies import (
    AUTO_AUGMENT_RANGE,
    MEANINGS,
    RAND_NAMES,
    Border,
    Interpolation,
)
from autotrick.domain import Integer
from autotrick.tricks.base import Claim, Pictures, Run, Trick, setting
from autotrick.tricks.papers import CUBUK_2020_RANDAUGMENT
from autotrick.tricks.rules import Range
from autotrick.tricks.warping import border_setting, interpolation_setting

STRONGEST = 30


@dataclass(frozen=True, kw_only=True)
class RandAugment(Trick):
    """Apply a few of 14 random operations to each image, all of one strength."""

    name = "rand_augment"
    slot = "policy"
    papers = (CUBUK_2020_RANDAUGMENT,)
    claims = (Claim("imagenet", "resnet50", 76.3, 77.6),)
    cost = 1.02
    position = 30
    does = frozenset(MEANINGS[name] for name in RAND_NAMES)

    num_ops: int = setting(
        2,
        "Number of successive operations per image.",
        search=Integer(1, 3),
        neutral=0,
        rule=Range(0, 14),
    )
    magnitude: int = setting(
        9,
        "Strength from 0 to 30: 30 is a shear of 0.3, 45 % of the side, 30 degrees, a factor of 1.9.",
        search=Integer(1, STRONGEST),
        rule=Range(0, STRONGEST),
    )
    border: Border = border_setting()
    interpolation: Interpolation = interpolation_setting("nearest")

    def on_images(self, pictures: Pictures, samples: NDArray[np.int64], run: Run) -> Pictures:
        draws = run.stream(self.name).uniform(run.update, samples, 2 * self.num_ops)
        strength = self.magnitude / STRONGEST
        plan = plans.rand_augment(draws, strength, AUTO_AUGMENT_RANGE, pictures.size)
        return pictures.apply(*plan, self.border, self.interpolation)
