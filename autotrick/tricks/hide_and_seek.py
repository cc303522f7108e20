"""Hide-and-seek: divide images into cells and hide some of them.

Each cell of each image is hidden independently and becomes 0 after normalisation, which is the mean
colour. Differs: all images have the same number of cells; the paper also draws their size.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from autotrick.domain import Float, Integer
from autotrick.tricks.base import Batch, Run, Trick, setting
from autotrick.tricks.boxes import hide
from autotrick.tricks.papers import SINGH_2017_HIDE_AND_SEEK
from autotrick.tricks.rules import Range


@dataclass(frozen=True, kw_only=True)
class HideAndSeek(Trick):
    """Hide each cell of a grid over the image with some probability."""

    name = "hide_and_seek"
    slot = "erase"
    papers = (SINGH_2017_HIDE_AND_SEEK,)
    expert = False
    cost = 1.03

    probability: float = setting(
        0.5,
        "Share of cells that are hidden, in [0, 1): 0 is off.",
        search=Float(0.1, 0.6),
        neutral=0.0,
        rule=Range(0, 1, open_high=True),
    )
    cells: int = setting(
        4,
        "Cells along each side, at least 1.",
        search=Integer(2, 8),
        rule=Range(1, 64),
    )

    def on_tensor(self, batch: Batch, run: Run) -> Batch:
        height, width = batch.images.shape[2:]
        draws = run.stream(self.name).uniform(run.update, batch.samples, self.cells**2)
        hidden = spread(draws < self.probability, self.cells, (height, width))
        batch.images = hide(batch.images, hidden)
        return batch


def spread(chosen: NDArray[np.bool_], cells: int, size: tuple[int, int]) -> NDArray[np.bool_]:
    """Return an (N, H, W) mask of the pixels in chosen cells.

    Args:
        chosen: (N, cells * cells) booleans, row by row.
        cells: Number along each side; they are as equal in size as whole pixels allow.
        size: (H, W) of the images.
    """
    rows, columns = (np.arange(side) * cells // side for side in size)
    # Indexing by arrays would return a layout that the images would inherit.
    return np.ascontiguousarray(chosen.reshape(-1, cells, cells)[:, rows[:, None], columns])
