"""Blur: apply a Gaussian blur of random width to each image.

Differs: the kernel ends at three standard deviations instead of a tenth of the side. Borders are
reflected, as in NumPy's `reflect` mode. The largest standard deviation is a share of the side (2 of
224 pixels in the paper), so that small images stay recognisable.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from autotrick.domain import Float
from autotrick.tricks.base import Pictures, Run, Trick, setting
from autotrick.tricks.papers import CHEN_2020_SIMCLR
from autotrick.tricks.rules import Range
from autotrick.tricks.warping import unit_setting


@dataclass(frozen=True, kw_only=True)
class Blur(Trick):
    """Blur some images with a Gaussian, each of random width."""

    name = "blur"
    papers = (CHEN_2020_SIMCLR.at("appendix A"),)
    cost = 1.03
    position = 46
    does = frozenset({"blur"})

    probability: float = unit_setting(
        0.5,
        "Probability that an image is blurred, in [0, 1].",
        search=Float(0.1, 1.0),
    )
    sigma: float = setting(
        0.03,
        "Largest standard deviation as a share of the shorter side, in (0, 0.2]; the default is 1 "
        "pixel of 32.",
        search=Float(0.01, 0.06),
        rule=Range(0, 0.2, open_low=True),
    )

    def on_images(self, pictures: Pictures, samples: NDArray[np.int64], run: Run) -> Pictures:
        draws = run.stream(self.name).uniform(run.update, samples, 2)
        largest = self.sigma * min(pictures.size)
        sigmas = largest * (0.05 + 0.95 * draws[:, 1])
        return pictures.blur(np.where(draws[:, 0] < self.probability, sigmas, 0.0))
