"""Shear: slant each image along both axes by random amounts."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from autotrick.augment.policies import Border, Interpolation
from autotrick.domain import Float
from autotrick.tricks.base import Pictures, Run, Trick, setting
from autotrick.tricks.papers import SIMARD_2003_BEST_PRACTICES
from autotrick.tricks.rules import Range
from autotrick.tricks.warping import border_setting, either_way, interpolation_setting, maps


@dataclass(frozen=True, kw_only=True)
class Shear(Trick):
    """Shear each image about its centre along X and Y by random amounts."""

    name = "shear"
    papers = (SIMARD_2003_BEST_PRACTICES,)
    cost = 1.01
    position = 15
    does = frozenset({"shear"})

    tangent: float = setting(
        0.15,
        "Tangent of the largest angle in either direction, in [0, 1); 0.2 is 11 degrees.",
        search=Float(0.02, 0.5),
        neutral=0.0,
        rule=Range(0, 1, open_high=True),
    )
    border: Border = border_setting()
    interpolation: Interpolation = interpolation_setting()

    def on_images(self, pictures: Pictures, samples: NDArray[np.int64], run: Run) -> Pictures:
        draws = run.stream(self.name).uniform(run.update, samples, 2)
        across, down = either_way(draws, self.tangent).T
        ones = np.ones(len(pictures))
        return pictures.warp(
            maps(ones, across, down, ones),
            self.border,
            self.interpolation,
        )
