"""Scale: enlarge or shrink each image by a random factor.

The frame size does not change. A larger image loses its margin; around a smaller one the border
shows. Factors are uniform on a log scale, so doubling is as likely as halving.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from autotrick.augment.policies import Border, Interpolation
from autotrick.domain import Float
from autotrick.tricks.base import Pictures, Run, Trick, setting
from autotrick.tricks.papers import CIRESAN_2012_MULTI_COLUMN
from autotrick.tricks.rules import Range
from autotrick.tricks.warping import border_setting, interpolation_setting, maps


@dataclass(frozen=True, kw_only=True)
class Scale(Trick):
    """Enlarge or shrink each image about its centre by a random factor."""

    name = "scale"
    papers = (CIRESAN_2012_MULTI_COLUMN,)
    cost = 1.01
    position = 12
    does = frozenset({"scale"})

    smallest: float = setting(
        0.85,
        "Smallest factor, in (0, 1].",
        search=Float(0.5, 1.0),
        rule=Range(0.1, 1),
    )
    largest: float = setting(
        1.15,
        "Largest factor, at least 1.",
        search=Float(1.0, 2.0),
        rule=Range(1, 10),
    )
    border: Border = border_setting()
    interpolation: Interpolation = interpolation_setting()

    def on_images(self, pictures: Pictures, samples: NDArray[np.int64], run: Run) -> Pictures:
        if self.smallest == self.largest:
            return pictures
        draws = run.stream(self.name).uniform(run.update, samples, 1)
        shrunk = self.smallest ** -(1 - draws[:, 0]) * self.largest ** -draws[:, 0]
        nothing = np.zeros(len(pictures))
        return pictures.warp(
            maps(shrunk, nothing, nothing, shrunk),
            self.border,
            self.interpolation,
        )
