"""Random crop: train on smaller parts of the images and evaluate on the centre.

The paper crops 224 of 256 pixels. TensorFlow's CIFAR-10 tutorial crops 24 of 32, which is the default
here, as a share of the side.

The network is built for the smaller size, which makes every step cheaper. The crop comes last, after
the other tricks on the whole image, which keeps borders out of view. When the network later gets
whole images (for evaluation or as a teacher), it uses their centre. `per_image_standardisation`
applies to the cropped part, as in the tutorial. Differs: evaluation uses one part; the paper averages
ten.
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
    """Crop a random smaller part from each image, and evaluate on the centre."""

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
        "Share of the side to keep, in (0, 1], rounded to whole pixels; 0.75 is 24 of 32.",
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
