"""RICAP: patch random crops of four images into one and mix the labels by area.

The boundary is drawn once per batch. Each of the four patches has its own permutation of the batch
and its own crop position, uniform over the image. A patch can be empty. RICAP crops by itself, so
padding and cropping is dropped while it is on.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from autotrick.domain import Float
from autotrick.lazy import torch
from autotrick.tricks.base import Batch, Claim, Run, Trick, setting
from autotrick.tricks.papers import TAKAHASHI_2018_RICAP
from autotrick.tricks.rules import Range

if TYPE_CHECKING:
    from torch import Tensor


@dataclass(frozen=True, kw_only=True)
class Ricap(Trick):
    """Patch crops of four random images of the batch into one, and mix the targets by area."""

    name = "ricap"
    tasks = frozenset({"classification"})
    slot = "mix"
    replaces = frozenset({"pad_crop"})
    papers = (TAKAHASHI_2018_RICAP,)
    claims = (
        Claim("cifar10", "wrn-28-10", 96.11, 97.15),
        Claim("cifar100", "wrn-28-10", 81.15, 82.78),
        Claim("cifar10", "resnet-preact-20", 92.40, 93.23),
    )
    cost = 1.05

    beta: float = setting(
        0.3,
        "Boundary position follows Beta(beta, beta) in both directions: 0 is off, 1 is uniform.",
        search=Float(0.1, 1.0, log=True),
        neutral=0.0,
        rule=Range(0, 1000),
    )

    def on_batch(self, batch: Batch, run: Run) -> Batch:
        rng = run.generator(self.name)
        places = rng.random((4, 2))
        count = len(batch.samples)
        partners = [torch.from_numpy(rng.permutation(count)).to(run.device) for _ in range(4)]
        height, width = batch.images.shape[2:]
        y, x = rng.beta(self.beta, self.beta, 2).tolist()
        boundary = (round(height * y), round(width * x))
        batch.images, batch.targets = patch(batch.images, batch.targets, partners, boundary, places)
        return batch


def patch(
    images: Tensor,
    targets: Tensor,
    partners: list[Tensor],
    boundary: tuple[int, int],
    places: NDArray[np.float64],
) -> tuple[Tensor, Tensor]:
    """Return images of four patches each, and targets weighted by the patches' exact areas.

    Args:
        images: (N, C, H, W) floats.
        targets: (N, K) floats.
        partners: Four arrays of (N,) row numbers: upper left, upper right, lower left, lower right.
        boundary: Height of the upper and width of the left patches, in [0, H] and [0, W].
        places: (4, 2) numbers in [0, 1) that decide the position of each crop.
    """
    height, width = images.shape[2:]
    patched, mixed = torch.empty_like(images), torch.zeros_like(targets)
    corners = [
        (rows, columns)
        for rows in pairwise((0, boundary[0], height))
        for columns in pairwise((0, boundary[1], width))
    ]
    for partner, place, (rows, columns) in zip(partners, places, corners, strict=True):
        h, w = rows[1] - rows[0], columns[1] - columns[0]
        y, x = int(place[0] * (height - h + 1)), int(place[1] * (width - w + 1))
        crop = images[:, :, y : y + h, x : x + w][partner]
        patched[:, :, rows[0] : rows[1], columns[0] : columns[1]] = crop
        mixed += targets[partner] * (h * w / (height * width))
    return patched, mixed
