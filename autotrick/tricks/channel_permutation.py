"""Channel permutation: reorder the red, green and blue channels of an image.

The survey lists it among the operations on separate RGB channels.

The order is drawn uniformly from all six, including the original, as in torchvision's
RandomChannelPermutation. Gray images have one channel and do not change.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import permutations

import numpy as np
from numpy.typing import NDArray

from autotrick.domain import Float
from autotrick.tricks.base import Pictures, Run, Trick
from autotrick.tricks.papers import SHORTEN_2019_SURVEY
from autotrick.tricks.warping import unit_setting


@dataclass(frozen=True, kw_only=True)
class ChannelPermutation(Trick):
    """Reorder the colour channels of each image at random."""

    name = "channel_permutation"
    papers = (SHORTEN_2019_SURVEY,)
    cost = 1.01
    position = 45
    does = frozenset({"colour"})

    probability: float = unit_setting(
        0.5,
        "Probability that the channels of an image are reordered, in [0, 1].",
        search=Float(0.1, 1.0),
    )

    def on_images(self, pictures: Pictures, samples: NDArray[np.int64], run: Run) -> Pictures:
        if pictures.channels == 1:
            return pictures
        orders = np.array(list(permutations(range(pictures.channels))))
        draws = run.stream(self.name).uniform(run.update, samples, 2)
        drawn = np.where(draws[:, 0] < self.probability, (draws[:, 1] * len(orders)).astype(int), 0)
        return pictures.permute_channels(orders[drawn])
