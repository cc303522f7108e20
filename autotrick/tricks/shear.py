"""Shear: slant images along both axes, each by its own draws.

Simard, Steinkraus, Platt, "Best Practices for Convolutional Neural Networks Applied to Visual Document
Analysis", ICDAR 2003. https://doi.org/10.1109/ICDAR.2003.1227801
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from autotrick.augment.policies import Border, Interpolation
from autotrick.domain import Float
from autotrick.tricks.base import Paper, Pictures, Run, Trick, setting
from autotrick.tricks.warping import border_setting, either_way, interpolation_setting, maps


@dataclass(frozen=True, kw_only=True)
class Shear(Trick):
    """Slant images to a parallelogram about their centre, along X and along Y."""

    name = "shear"
    papers = (
        Paper(
            "Best Practices for Convolutional Neural Networks Applied to Visual Document Analysis",
            "Simard, Steinkraus, Platt",
            2003,
            "https://doi.org/10.1109/ICDAR.2003.1227801",
        ),
    )
    cost = 1.01
    position = 15
    does = frozenset({"shear"})

    tangent: float = setting(
        0.15,
        "Tangent of the largest angle either way, in [0, 1); 0.2 is 11 degrees.",
        search=Float(0.02, 0.5),
        neutral=0.0,
        rule="0 <= tangent < 1",
        accepts=lambda tangent: 0 <= tangent < 1,
    )
    border: Border = border_setting()
    interpolation: Interpolation = interpolation_setting()

    def on_images(self, pictures: Pictures, samples: NDArray[np.int64], run: Run) -> Pictures:
        if self.tangent == 0:
            return pictures
        draws = run.stream(self.name).uniform(run.update, samples, 2)
        across, down = either_way(draws, self.tangent).T
        ones = np.ones(len(pictures))
        return pictures.warp(
            maps(ones, across, down, ones),
            self.border,
            self.interpolation,
        )
