"""Repeated augmentation: put several augmented copies of an image into one batch.

The idea comes from Hoffer et al. (2020). The implementation follows Berman et al. (2019), who keep
the batch size.

A batch contains copies of fewer images, each with its own augmentation draws. The length of an epoch
does not change: it visits one in `copies` images.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from autotrick.domain import Integer
from autotrick.tricks.base import Claim, Run, Trick, setting
from autotrick.tricks.papers import BERMAN_2019_MULTIGRAIN, HOFFER_2020_AUGMENT_YOUR_BATCH
from autotrick.tricks.rules import Range


@dataclass(frozen=True, kw_only=True)
class RepeatedAugmentation(Trick):
    """Put several differently augmented copies of each image into a batch."""

    name = "repeated_augmentation"
    papers = (BERMAN_2019_MULTIGRAIN, HOFFER_2020_AUGMENT_YOUR_BATCH)
    claims = (Claim("imagenet", "resnet50", 80.674, 80.858, "torchvision's recipe, cumulative"),)
    position = 30
    expert = False

    copies: int = setting(
        3,
        "Copies of each image in a batch, at least 1: 1 is off.",
        search=Integer(2, 4),
        neutral=1,
        rule=Range(1, 100),
    )

    def on_order(self, order: NDArray[np.int64], run: Run) -> NDArray[np.int64]:
        return repeated(order, self.copies, len(run.labels))


def repeated(order: NDArray[np.int64], copies: int, size: int) -> NDArray[np.int64]:
    """Return the first samples of the order with copies side by side.

    Args:
        order: (M,) samples.
        copies: Number of copies of each sample.
        size: Size of the training split; each further copy adds this to the sample number.
    """
    distinct = order[: max(1, len(order) // copies)]
    return (distinct[:, None] + np.arange(copies) * size).reshape(-1)
