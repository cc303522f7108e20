"""TrivialAugment: apply one random operation of random strength to each image.

Uses the paper's wide space with the operations and strengths of torchvision's TrivialAugmentWide.
Differs: a translation is limited to 0.45 of the side as well as the paper's 32 pixels, because 32
pixels would push a 32 pixel image out of its frame. From 72 pixels on there is no difference.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from autotrick.augment import plans
from autotrick.augment.policies import MEANINGS, RAND_NAMES, WIDE_RANGE, Border, Interpolation
from autotrick.domain import Float
from autotrick.tricks.base import Claim, Pictures, Run, Trick, setting
from autotrick.tricks.papers import MUELLER_2021_TRIVIALAUGMENT
from autotrick.tricks.rules import Range
from autotrick.tricks.warping import border_setting, interpolation_setting

BINS = 31


@dataclass(frozen=True, kw_only=True)
class TrivialAugment(Trick):
    """Apply one of 14 random operations to each image, with a random strength."""

    name = "trivial_augment"
    slot = "policy"
    papers = (MUELLER_2021_TRIVIALAUGMENT,)
    claims = (
        Claim("imagenet", "resnet50", 76.494, 76.806, "torchvision's recipe, one step of it"),
    )
    cost = 1.02
    position = 30
    does = frozenset(MEANINGS[name] for name in RAND_NAMES)

    probability: float = setting(
        1.0,
        "Probability that an image is augmented, in [0, 1]; values below 1 suit short trainings.",
        search=Float(0.2, 1.0),
        neutral=0.0,
        rule=Range(0, 1),
    )
    border: Border = border_setting()
    interpolation: Interpolation = interpolation_setting("nearest")

    def on_images(self, pictures: Pictures, samples: NDArray[np.int64], run: Run) -> Pictures:
        draws = run.stream(self.name).uniform(run.update, samples, 4)
        plan = plans.trivial_augment(draws[:, 1:], BINS, WIDE_RANGE, pictures.size)
        kept = plans.keep(plan, draws[:, 0], self.probability)
        return pictures.apply(*kept, self.border, self.interpolation)
