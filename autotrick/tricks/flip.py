"""Flip: mirror random images left to right."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from autotrick.domain import Float
from autotrick.tricks.base import Pictures, Run, Trick, setting
from autotrick.tricks.papers import KRIZHEVSKY_2012_ALEXNET
from autotrick.tricks.rules import Range


@dataclass(frozen=True, kw_only=True)
class Flip(Trick):
    """Mirror random images left to right; unsuitable if direction matters, as for digits and text."""

    name = "flip"
    papers = (KRIZHEVSKY_2012_ALEXNET,)
    position = 20
    does = frozenset({"flip"})

    probability: float = setting(
        0.5,
        "Probability that an image is mirrored, in [0, 1].",
        search=Float(0.1, 0.5),
        neutral=0.0,
        rule=Range(0, 1),
    )

    def on_images(self, pictures: Pictures, samples: NDArray[np.int64], run: Run) -> Pictures:
        draws = run.stream(self.name).uniform(run.update, samples, 1)
        return pictures.flip(draws[:, 0] < self.probability)
