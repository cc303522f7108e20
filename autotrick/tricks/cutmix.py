"""CutMix: paste a box from one image into another and mix the labels by area.

The whole batch shares one box, as in the paper. Its centre is uniform over the image, parts outside
are clipped, and the label's share is the remaining area. The sides of the box are rounded once; the
authors' code halves them and rounds down, which makes odd boxes a pixel smaller.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from autotrick.domain import Float
from autotrick.lazy import torch
from autotrick.tricks.base import Batch, Claim, Run, Trick, setting
from autotrick.tricks.papers import YUN_2019_CUTMIX
from autotrick.tricks.rules import Range

if TYPE_CHECKING:
    from torch import Tensor


@dataclass(frozen=True, kw_only=True)
class Cutmix(Trick):
    """Replace a box of each image with the same box of another, and mix the targets by area."""

    name = "cutmix"
    tasks = frozenset({"classification"})
    slot = "mix"
    papers = (YUN_2019_CUTMIX,)
    claims = (
        Claim("cifar100", "pyramidnet-200", 83.55, 85.77, "300 epochs, probability 0.5"),
        Claim("imagenet", "resnet50", 76.32, 78.60, "300 epochs, probability 1"),
    )
    cost = 1.02

    alpha: float = setting(
        1.0,
        "Share of the image that remains follows Beta(alpha, alpha) before clipping.",
        search=Float(0.2, 2.0, log=True),
        rule=Range(0, 1000, open_low=True),
    )
    probability: float = setting(
        0.5,
        "Share of batches to mix, in [0, 1]: 0 is off. The paper uses 1 on ImageNet.",
        search=Float(0.25, 1.0),
        neutral=0.0,
        rule=Range(0, 1),
    )

    def on_batch(self, batch: Batch, run: Run) -> Batch:
        rng = run.generator(self.name)
        if rng.random() >= self.probability:
            return batch
        centre = rng.random(2)
        partner = torch.from_numpy(rng.permutation(len(batch.samples))).to(run.device)
        share = float(rng.beta(self.alpha, self.alpha))
        height, width = batch.images.shape[2:]
        rows, columns = box(height, width, share, centre)
        batch.images, batch.targets = paste(batch.images, batch.targets, partner, rows, columns)
        return batch


def box(height: int, width: int, share: float, centre: NDArray[np.float64]) -> tuple[slice, slice]:
    """Return the rows and columns of a box with the image's proportions, clipped to the image.

    Args:
        height: Height of the image, in pixels.
        width: Width of the image, in pixels.
        share: Share of the image's area outside the box before clipping, in [0, 1].
        centre: (2,) centre of the box, as shares of height and width.
    """
    side = np.sqrt(1 - share)
    edges = np.clip((centre - side / 2, centre + side / 2), 0, 1)
    (top, left), (bottom, right) = np.rint(edges * (height, width)).astype(int).tolist()
    return slice(top, bottom), slice(left, right)


def paste(
    images: Tensor, targets: Tensor, partner: Tensor, rows: slice, columns: slice
) -> tuple[Tensor, Tensor]:
    """Return images with the box of image partner[i] in image i, and targets mixed by area.

    Args:
        images: (N, C, H, W) floats.
        targets: (N, K) floats.
        partner: (N,) row numbers.
        rows: Rows of the box.
        columns: Columns of the box.
    """
    mixed = images.clone()
    mixed[:, :, rows, columns] = images[:, :, rows, columns][partner]
    area = (rows.stop - rows.start) * (columns.stop - columns.start)
    share = area / (images.shape[2] * images.shape[3])
    return mixed, torch.lerp(targets, targets[partner], share)
