"""Augmentation curriculum: start with clean images and augment more and more of them.

The paper raises the strength of augmentation during training.

The share of augmented images grows linearly from `start` to `end`. It can be 0 in the last epochs,
which then see clean images (He et al., 2019). Applies to cropping, mirroring and policies; erasing
and mixing come later and do not change. Differs: the share grows instead of each operation's
magnitude, so that it works with any augmentation.
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
    excludes = {
        "random_order": "it compares the images with what they were before all other image tricks"
    }
    papers = (TAN_2021_EFFICIENTNETV2, HE_2019_AUGMENTATION_REVISITED)
    position = 99
    expert = False

    start: float = setting(
        0.0,
        "Share of augmented images at the start, in [0, 1].",
        search=Float(0.0, 1.0),
        rule=Range(0, 1),
    )
    end: float = setting(
        1.0,
        "Share of augmented images after the growth, in [0, 1].",
        rule=Range(0, 1),
    )
    length: float = setting(
        0.5,
        "Length of the growth as a share of all updates, in [0, 1]: 0 is off.",
        search=Float(0.1, 1.0),
        neutral=0.0,
        rule=Range(0, 1),
    )
    clean: float = setting(
        0.0,
        "Length of the final phase with clean images, as a share of all updates, in [0, 1].",
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
        """Return the share of augmented images at this point of training, from 0 to 1."""
        if self.clean and fraction >= 1 - self.clean:
            return 0.0
        grown = 1.0 if fraction >= self.length else fraction / self.length
        return self.start + (self.end - self.start) * grown
