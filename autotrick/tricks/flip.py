"""Flip: mirror images left to right, each by its own draw.

Krizhevsky, Sutskever, Hinton, "ImageNet Classification with Deep Convolutional Neural Networks",
NeurIPS 2012. https://papers.nips.cc/paper/4824-imagenet-classification-with-deep-convolutional-neural-networks
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from autotrick.domain import Float
from autotrick.tricks.base import Paper, Pictures, Run, Trick, setting


@dataclass(frozen=True, kw_only=True)
class Flip(Trick):
    """Mirror images left to right. Wrong where left and right matter, as for digits and text."""

    name = "flip"
    papers = (
        Paper(
            "ImageNet Classification with Deep Convolutional Neural Networks",
            "Krizhevsky, Sutskever, Hinton",
            2012,
            "https://papers.nips.cc/paper/4824-imagenet-classification-with-deep-convolutional-neural-networks",
        ),
    )
    position = 20
    does = frozenset({"flip"})

    probability: float = setting(
        0.5,
        "Chance that an image is mirrored, in [0, 1].",
        search=Float(0.1, 0.5),
        neutral=0.0,
        rule="0 <= probability <= 1",
        accepts=lambda probability: 0 <= probability <= 1,
    )

    def on_images(self, pictures: Pictures, samples: NDArray[np.int64], run: Run) -> Pictures:
        if self.probability == 0:
            return pictures
        draws = run.stream(self.name).uniform(run.update, samples, 1)
        return pictures.flip(draws[:, 0] < self.probability)
