"""Cutout: hide a square in every image.

The centre is uniform over all pixels and parts outside the image are clipped, so the hidden area is
often smaller than the square. Hidden pixels become 0 after normalisation, which is the mean colour.

Differs: the length is a share of the shorter side, so that it applies to any image size. An odd
length is exact; the authors' code rounds it down to even.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from autotrick.domain import Float, Integer
from autotrick.tricks.base import Batch, Claim, Run, Trick, setting
from autotrick.tricks.boxes import covered, hide
from autotrick.tricks.papers import DEVRIES_2017_CUTOUT
from autotrick.tricks.rules import Range


@dataclass(frozen=True, kw_only=True)
class Cutout(Trick):
    """Fill a square at a random position in every image with the mean colour."""

    name = "cutout"
    slot = "erase"
    papers = (DEVRIES_2017_CUTOUT,)
    claims = (
        Claim("cifar10", "resnet18", 95.28, 96.01, "length 16 px of 32"),
        Claim("cifar100", "resnet18", 77.54, 78.04, "length 8 px of 32"),
    )
    cost = 1.03

    length: float = setting(
        0.5,
        "Side of the square as a share of the image's shorter side, in [0, 1]: 0 is off. The paper "
        "uses 0.5 on CIFAR-10 and 0.25 on CIFAR-100.",
        search=Float(0.1, 0.65),
        neutral=0.0,
        rule=Range(0, 1),
    )
    holes: int = setting(
        1,
        "Squares per image; at least 1.",
        search=Integer(1, 3),
        rule=Range(1, 100),
    )

    def on_tensor(self, batch: Batch, run: Run) -> Batch:
        height, width = batch.images.shape[2:]
        side = round(self.length * min(height, width))
        if side == 0:
            return batch
        draws = run.stream(self.name).uniform(run.update, batch.samples, 2 * self.holes)
        hidden = holes(draws.reshape(-1, self.holes, 2), side, (height, width))
        batch.images = hide(batch.images, hidden)
        return batch


def holes(draws: NDArray[np.float64], side: int, size: tuple[int, int]) -> NDArray[np.bool_]:
    """Return an (N, H, W) mask of the hidden pixels.

    Args:
        draws: (N, holes, 2) numbers in [0, 1) that decide the row and column of each centre.
        side: Side of the squares, in pixels.
        size: (H, W) of the images.
    """
    low = (draws * size).astype(np.int64) - side // 2
    hidden = np.zeros((len(draws), *size), bool)
    for i in range(draws.shape[1]):
        hidden |= covered(low[:, i], low[:, i] + side, size)
    return hidden
