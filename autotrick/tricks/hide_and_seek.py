"""Hide-and-seek: divide images into cells and hide some of them.

Every cell of every image is hidden by a draw of its own, and filled with 0 after normalisation, which
is the mean colour. Differs: one number of cells for all images, where the paper also draws their size.
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
        "Share of the cells that are hidden, in [0, 1): 0 is off.",
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
    """Return (N, H, W): whether a pixel's cell is chosen.

    Args:
        chosen: (N, cells * cells), row by row.
        cells: Along each side; they are as even as whole pixels allow.
        size: (H, W) of the images.
    """
    rows, columns = (np.arange(side) * cells // side for side in size)
    # Indexing by arrays leaves an odd layout, which the images would take over.
    return np.ascontiguousarray(chosen.reshape(-1, cells, cells)[:, rows[:, None], columns])
