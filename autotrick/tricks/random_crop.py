"""Random crop: train on parts of the images that are smaller than these, and evaluate on their middle.

The paper takes 224 of 256 pixels. TensorFlow's CIFAR-10 tutorial takes 24 of 32, which is the
default here, as a share of the side.

The network is made for the smaller size, so that every step is cheaper. The part is cut out last, after
what other tricks do to the whole image, which keeps borders out of view. Whole images that the network
is given later (for evaluation, or as a teacher) show it their middle. `per_image_standardisation` acts
on the part that the network sees, as in the tutorial. Differs: evaluation sees one part, where the paper
averages ten.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from autotrick.domain import Float
from autotrick.tricks.base import Pictures, Run, Trick, setting
from autotrick.tricks.papers import KRIZHEVSKY_2012_ALEXNET
from autotrick.tricks.rules import Range


@dataclass(frozen=True, kw_only=True)
class RandomCrop(Trick):
    """Cut a smaller part out of each image, at a random place, and evaluate on the middle."""

    name = "random_crop"
    papers = (KRIZHEVSKY_2012_ALEXNET.at("section 4.1"),)
    excludes = {"progressive_resizing": "both make images smaller"}
    cost = 0.7
    position = 100
    reshapes = True
    expert = False
    does = frozenset({"crop", "translate"})

    share: float = setting(
        0.75,
        "Share of the side that is kept, in (0, 1], rounded to whole pixels; 0.75 is 24 of 32.",
        search=Float(0.75, 1.0),
        neutral=1.0,
        rule=Range(0.1, 1),
    )

    def input_size(self, size: tuple[int, int]) -> tuple[int, int]:
        return max(1, round(self.share * size[0])), max(1, round(self.share * size[1]))

    def on_images(self, pictures: Pictures, samples: NDArray[np.int64], run: Run) -> Pictures:
        height, width = self.input_size(pictures.size)
        draws = run.stream(self.name).uniform(run.update, samples, 2)
        places = np.array([pictures.size[0] - height + 1, pictures.size[1] - width + 1])
        top, left = (draws * places).astype(np.int64).T
        return pictures.crop(top, left, (height, width))
