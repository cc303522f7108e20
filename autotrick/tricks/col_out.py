"""ColOut: drop random rows and columns of pixels, for speed and variety.

The method comes from MosaicML's Composer; there is no paper.

All images of a batch lose the same rows and columns and become smaller. The network must accept any
image size.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from autotrick.domain import Float
from autotrick.lazy import torch
from autotrick.tricks.base import Batch, Run, Trick, setting
from autotrick.tricks.papers import MOSAICML_2021_COLOUT
from autotrick.tricks.rules import Range
from autotrick.tricks.surgery import expect

if TYPE_CHECKING:
    import numpy as np
    from torch import Tensor


@dataclass(frozen=True, kw_only=True)
class ColOut(Trick):
    """Drop random rows and columns from the images of each batch."""

    name = "col_out"
    papers = (MOSAICML_2021_COLOUT,)
    position = 80
    reshapes = True
    expert = False
    cost = 0.82

    share: float = setting(
        0.15,
        "Share of rows and of columns to drop, in [0, 1): 0 is off.",
        search=Float(0.05, 0.3),
        neutral=0.0,
        rule=Range(0, 1, open_high=True),
    )

    def on_start(self, run: Run) -> None:
        height, width = run.image_size
        smaller = (self.kept(height), self.kept(width))
        if smaller != run.image_size:
            expect(run, self.name, smaller, "lower share")

    def on_batch(self, batch: Batch, run: Run) -> Batch:
        rng = run.generator(self.name)
        rows, columns = (self.choose(rng, side) for side in batch.images.shape[2:])
        smaller = batch.images[:, :, rows.to(run.device)][:, :, :, columns.to(run.device)]
        batch.images = run.to_memory_format(smaller)
        return batch

    def choose(self, rng: np.random.Generator, side: int) -> Tensor:
        """Return the indices of the rows or columns to keep, in order."""
        return torch.from_numpy(rng.permutation(side)[: self.kept(side)]).sort().values

    def kept(self, side: int) -> int:
        """Return how many of these rows or columns to keep, rounded down, at least 1."""
        # Follows Composer's order of operations: 1 - share first.
        return max(1, int((1 - self.share) * side))
