"""AutoAugment: colour and geometric policies found by a search on three data sets.

Operations and strengths match torchvision's AutoAugment. The defaults also match: nearest-neighbour
sampling and black borders. Differs: the paper's recipe for CIFAR-10 adds cutout of 16 pixels; switch
on that trick as well to follow it.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from autotrick.augment import plans
from autotrick.augment.policies import (
    AUTO_AUGMENT,
    AUTO_AUGMENT_RANGE,
    Border,
    Interpolation,
    transformations,
)
from autotrick.domain import Choice, Float
from autotrick.tricks.base import Claim, Pictures, Run, Trick, setting
from autotrick.tricks.papers import CUBUK_2019_AUTOAUGMENT
from autotrick.tricks.rules import Options, Range
from autotrick.tricks.warping import border_setting, interpolation_setting


@dataclass(frozen=True, kw_only=True)
class AutoAugment(Trick):
    """Apply to each image one of the 25 sub-policies found for a data set."""

    name = "auto_augment"
    slot = "policy"
    papers = (CUBUK_2019_AUTOAUGMENT,)
    claims = (
        Claim("cifar10", "wrn-28-10", 96.1, 97.4, "with cutout"),
        Claim("cifar10", "pyramidnet-shakedrop", 97.3, 98.5, "with cutout"),
        Claim("cifar100", "wrn-28-10", 81.2, 82.9, "with cutout"),
    )
    cost = 1.02
    position = 30

    policy: str = setting(
        "cifar10",
        "Data set that the policy was found for: cifar10, imagenet or svhn.",
        search=Choice(tuple(AUTO_AUGMENT)),
        rule=Options(*AUTO_AUGMENT),
    )
    probability: float = setting(
        1.0,
        "Probability that an image is augmented, in [0, 1]; values below 1 suit short trainings.",
        search=Float(0.2, 1.0),
        neutral=0.0,
        rule=Range(0, 1),
    )
    border: Border = border_setting()
    interpolation: Interpolation = interpolation_setting("nearest")

    def transformations(self) -> frozenset[str]:
        return transformations(AUTO_AUGMENT[self.policy])

    @cached_property
    def _table(self) -> plans.Table:
        return plans.table(AUTO_AUGMENT[self.policy])

    def on_images(self, pictures: Pictures, samples: NDArray[np.int64], run: Run) -> Pictures:
        draws = run.stream(self.name).uniform(run.update, samples, 1 + self._table.draws)
        plan = plans.follow(self._table, draws[:, 1:], AUTO_AUGMENT_RANGE, pictures.size)
        kept = plans.keep(plan, draws[:, 0], self.probability)
        return pictures.apply(*kept, self.border, self.interpolation)
