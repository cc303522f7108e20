"""What a position outside the image shows, with the meaning of `numpy.pad`."""

import numpy as np
from numpy.typing import NDArray

from autotrick.augment.kernels.compiled import compiled
from autotrick.augment.policies import BORDERS

Indices = NDArray[np.int32]

CONSTANT = BORDERS.index("constant")
EDGE = BORDERS.index("edge")
REFLECT = BORDERS.index("reflect")
SYMMETRIC = BORDERS.index("symmetric")

IGNORE = CONSTANT - 1
"""The border of masks: the same look-up as for other borders, but nothing outside is shown."""

OUTSIDE = -1
"""Index of a pixel that does not exist; it reads as 0."""


@compiled
def source_index(position: int, size: int, border: int) -> int:
    """Return the row (or column) that `position` shows, in [0, size) or OUTSIDE.

    Args:
        position: Row or column, counted from 0; any whole number.
        size: Number of rows (or columns).
        border: Index in `policies.BORDERS`, or IGNORE.
    """
    if 0 <= position < size:
        return position
    if border <= CONSTANT:
        return OUTSIDE
    if border == EDGE or size == 1:
        return min(max(position, 0), size - 1)
    if border == REFLECT:
        position %= 2 * (size - 1)
        return min(position, 2 * (size - 1) - position)
    if border == SYMMETRIC:
        position %= 2 * size
        return min(position, 2 * size - 1 - position)
    return position % size


@compiled
def source_indices(size: int, start: int, border: int) -> Indices:
    """Return the rows (or columns) that start, start + 1, ... show: `size` of them."""
    indices = np.empty(size, np.int32)
    for i in range(size):
        indices[i] = source_index(start + i, size, border)
    return indices
