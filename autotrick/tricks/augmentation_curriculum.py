"""Curriculum of augmentation: begin with clean images and augment more and more of them.

The paper raises the strength of augmentation during training.

The share of images that are augmented goes evenly from `start` to `end`, and may be 0 for the last
epochs, which see clean images (He et al., 2019). Differs: the share grows and not the magnitude of
every operation, so that it works with any augmentation of pixels. It acts on cropping, mirroring
and policies; erasing and mixing come later and stay as they are.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from autotrick.domain import Float
from autotrick.tricks.base import Pictures, Run, Trick, setting
from autotrick.tricks.papers import HE_2019_AUGMENTATION_REVISITED, TAN_2021_EFFICIENTNETV2
from autotrick.tricks.rules import Range


@dataclass(frozen=True, kw_only=True)
class AugmentationCurriculum(Trick):
    """Augment a share of the images that grows during training."""

    name = "augmentation_curriculum"
    excludes = {"random_order": "it looks back at what all other image tricks did"}
    papers = (TAN_2021_EFFICIENTNETV2, HE_2019_AUGMENTATION_REVISITED)
    position = 99
    expert = False

    start: float = setting(
        0.0,
        "Share of the images that are augmented at first, in [0, 1].",
        search=Float(0.0, 1.0),
        rule=Range(0, 1),
    )
    end: float = setting(
        1.0,
        "Share of the images that are augmented once it has grown, in [0, 1].",
        rule=Range(0, 1),
    )
    length: float = setting(
        0.5,
        "Share of all updates over which it grows, in [0, 1]: 0 is off.",
        search=Float(0.1, 1.0),
        neutral=0.0,
        rule=Range(0, 1),
    )
    clean: float = setting(
        0.0,
        "Share of all updates at the end that see clean images, in [0, 1].",
        search=Float(0.0, 0.3),
        rule=Range(0, 1),
    )

    def is_neutral(self) -> bool:
        return super().is_neutral() and self.end == 1 and self.clean == 0

    def on_images(self, pictures: Pictures, samples: NDArray[np.int64], run: Run) -> Pictures:
        share = self.share(run.update / run.updates)
        if share == 1:
            return pictures
        draws = run.stream(self.name).uniform(run.update, samples, 1)[:, 0]
        plain = draws >= share
        return pictures.replace(plain, run.pictures(samples[plain]))

    def share(self, fraction: float) -> float:
        """Return the share of augmented images after this share of the training."""
        if self.clean and fraction >= 1 - self.clean:
            return 0.0
        grown = 1.0 if fraction >= self.length else fraction / self.length
        return self.start + (self.end - self.start) * grown
