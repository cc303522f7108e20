"""GridMask: hide a regular grid of squares.

Each image has its own period d and offset. The first `ratio` of every period stays visible in both
directions, and squares with sides (1 - ratio) d become 0 after normalisation, which is the mean
colour. The share of masked images grows linearly during training up to `probability`, as the paper
advises. Differs: periods are shares of the shorter side, and the grid is not rotated.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from autotrick.domain import Float
from autotrick.tricks.base import Batch, Run, Trick, setting
from autotrick.tricks.boxes import hide
from autotrick.tricks.papers import CHEN_2020_GRIDMASK
from autotrick.tricks.rules import Ordered, Range


@dataclass(frozen=True, kw_only=True)
class GridMask(Trick):
    """Hide a grid of squares in some of the images."""

    name = "grid_mask"
    slot = "erase"
    papers = (CHEN_2020_GRIDMASK,)
    rules = (Ordered("shortest", "longest"),)
    expert = False
    cost = 1.03

    probability: float = setting(
        0.8,
        "Share of images that are masked at the end, in [0, 1]: 0 is off.",
        search=Float(0.2, 1.0),
        neutral=0.0,
        rule=Range(0, 1),
    )
    ratio: float = setting(
        0.6,
        "Visible share of a period in each direction, in (0, 1).",
        search=Float(0.4, 0.8),
        rule=Range(0, 1, open_low=True, open_high=True),
    )
    shortest: float = setting(
        0.4,
        "Shortest period as a share of the shorter side, in (0, 1].",
        rule=Range(0, 1, open_low=True),
    )
    longest: float = setting(
        1.0,
        "Longest period as a share of the shorter side, in (0, 2].",
        rule=Range(0, 2, open_low=True),
    )

    def on_tensor(self, batch: Batch, run: Run) -> Batch:
        share = self.probability * run.update / run.updates
        if share == 0:
            return batch
        height, width = batch.images.shape[2:]
        draws = run.stream(self.name).uniform(run.update, batch.samples, 4)
        span = (self.shortest, self.longest)
        hidden = grid(draws[:, 1:], (height, width), span, self.ratio)
        hidden &= (draws[:, 0] < share)[:, None, None]
        batch.images = hide(batch.images, hidden)
        return batch


def grid(
    draws: NDArray[np.float64], size: tuple[int, int], span: tuple[float, float], ratio: float
) -> NDArray[np.bool_]:
    """Return an (N, H, W) mask of the hidden pixels.

    Args:
        draws: (N, 3) numbers in [0, 1) that decide the period and the offsets down and right.
        size: (H, W) of the images.
        span: Shortest and longest period as shares of the shorter side.
        ratio: Visible share of a period.
    """
    low, high = (max(2, round(share * min(size))) for share in span)
    period = low + (draws[:, 0] * (high - low + 1)).astype(np.int64)
    visible = np.clip(np.rint(ratio * period).astype(np.int64), 1, period - 1)
    lines = []
    for axis in (0, 1):
        offset = (draws[:, 1 + axis] * period).astype(np.int64)
        place = (np.arange(size[axis]) + offset[:, None]) % period[:, None]
        lines.append(place >= visible[:, None])
    hidden: NDArray[np.bool_] = lines[0][:, :, None] & lines[1][:, None, :]
    return hidden
