"""Channel permutation: give red, green and blue of an image in another order.

The survey lists it among what is done with separate RGB channels.

The order is drawn evenly from all six, that of the image too, as torchvision's RandomChannelPermutation
does. Gray images, which have one channel, stay as they are.
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
    """Exchange the colour channels of images, in an order drawn for each."""

    name = "channel_permutation"
    papers = (SHORTEN_2019_SURVEY,)
    cost = 1.01
    position = 45
    does = frozenset({"colour"})

    probability: float = unit_setting(
        0.5,
        "Chance that an order of channels is drawn for an image, in [0, 1].",
        search=Float(0.1, 1.0),
    )

    def on_images(self, pictures: Pictures, samples: NDArray[np.int64], run: Run) -> Pictures:
        if pictures.channels == 1:
            return pictures
        orders = np.array(list(permutations(range(pictures.channels))))
        draws = run.stream(self.name).uniform(run.update, samples, 2)
        drawn = np.where(draws[:, 0] < self.probability, (draws[:, 1] * len(orders)).astype(int), 0)
        return pictures.permute_channels(orders[drawn])
