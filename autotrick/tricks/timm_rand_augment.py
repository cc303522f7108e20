"""RandAugment as in timm: magnitudes of 0 to 10 with noise, and a probability per operation.

The paper uses magnitudes 6 and 7.

`rand-m9-n2-mstd0.5-inc1` is magnitude 9, num_ops 2, magnitude_std 0.5, increasing. That is 90 percent
of the range; rand_augment's 9 (torchvision's, of 31 bins) is 30 percent. There are 15 operations:
with Invert and SolarizeAdd, without Identity. Differs: all operations use one interpolation, where
timm draws bilinear or bicubic for each. Areas outside are black, where timm uses the mean colour.
Translations are by whole pixels.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from autotrick.augment import plans
from autotrick.augment.policies import (
    AUTO_OPERATIONS,
    MEANINGS,
    OPERATIONS,
    TIMM_PLAIN_RANGE,
    TIMM_RANGE,
    Border,
    Interpolation,
)
from autotrick.domain import Choice, Float, Integer
from autotrick.tricks.base import Pictures, Run, Trick, setting
from autotrick.tricks.papers import WIGHTMAN_2021_RESNET_STRIKES_BACK
from autotrick.tricks.rules import Range
from autotrick.tricks.warping import border_setting, interpolation_setting, unit_setting

CODES = np.array(
    [OPERATIONS.index(name) for name in (*AUTO_OPERATIONS, "SolarizeAdd") if name != "Identity"]
)
POSTERIZE, SOLARIZE = OPERATIONS.index("Posterize"), OPERATIONS.index("Solarize")
UNIFORM = 100.0


@dataclass(frozen=True, kw_only=True)
class TimmRandAugment(Trick):
    """Apply up to a few of 15 random operations to each image, of nearly one strength."""

    name = "timm_rand_augment"
    slot = "policy"
    papers = (WIGHTMAN_2021_RESNET_STRIKES_BACK,)
    cost = 1.03
    position = 30

    num_ops: int = setting(
        2,
        "Largest number of successive operations per image.",
        search=Integer(1, 3),
        neutral=0,
        rule=Range(0, 15),
    )
    magnitude: float = setting(
        7.0,
        "Strength from 0 to 10: 10 is a shear of 0.3, 45 % of the side, 30 degrees, a factor of 1.9.",
        search=Float(1.0, 10.0),
        rule=Range(0, 10),
    )
    magnitude_std: float = setting(
        0.5,
        "Standard deviation of each operation's magnitude; from 100 on it is uniform from 0 to "
        "magnitude.",
        search=Choice((0.0, 0.5, 100.0)),
        rule=Range(0, 100),
    )
    probability: float = unit_setting(
        0.5, "Probability of each operation, in [0, 1].", search=Float(0.2, 1.0)
    )
    increasing: bool = setting(
        True,
        "Whether all operations get stronger with the magnitude; otherwise (timm's default) a "
        "factor of 1 is at magnitude 5.",
    )
    border: Border = border_setting()
    interpolation: Interpolation = interpolation_setting()

    def transformations(self) -> frozenset[str]:
        return frozenset(MEANINGS[OPERATIONS[code]] for code in CODES)

    def on_images(self, pictures: Pictures, samples: NDArray[np.int64], run: Run) -> Pictures:
        draws = run.stream(self.name).uniform(run.update, samples, 5 * self.num_ops)
        plan = self.plan(draws, pictures.size)
        return pictures.apply(*plan, self.border, self.interpolation)

    def plan(self, draws: NDArray[np.float64], size: tuple[int, int]) -> plans.Plan:
        """Plan from (N, 5 num_ops) draws: use, operation, sign, and two for the magnitude."""
        use, which, signs, first, second = np.split(draws, 5, axis=1)
        operations = CODES[(which * len(CODES)).astype(np.int64)]
        if self.magnitude_std >= UNIFORM:
            levels = self.magnitude * first
        else:
            noise = np.sqrt(-2 * np.log1p(-first)) * np.cos(2 * np.pi * second)
            levels = np.clip(self.magnitude + self.magnitude_std * noise, 0, 10)
        scale = TIMM_RANGE if self.increasing else TIMM_PLAIN_RANGE
        strengths = whole(operations, levels / 10, increasing=self.increasing)
        operations = np.where(use < self.probability, operations, plans.IDENTITY)
        return plans.signed(operations, strengths, signs, scale, size)


def whole(
    operations: NDArray[np.int64], strengths: NDArray[np.float64], *, increasing: bool
) -> NDArray[np.float64]:
    """Truncate strengths to whole numbers of bits or levels, as timm does."""
    bits = np.floor(4 * strengths) / 4
    # In increasing mode, timm's threshold falls from 256, which no value reaches.
    levels = (np.floor(256 * strengths) - increasing) / 255
    strengths = np.where(operations == POSTERIZE, bits, strengths)
    return np.where(operations == SOLARIZE, levels, strengths)
