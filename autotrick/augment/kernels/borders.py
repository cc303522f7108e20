"""What stands beyond the border of an image, as `numpy.pad` has it."""

import numpy as np
from numpy.typing import NDArray

from autotrick.augment.kernels.compiled import compiled
from autotrick.augment.policies import BORDERS

Places = NDArray[np.int32]

CONSTANT = BORDERS.index("constant")
EDGE = BORDERS.index("edge")
REFLECT = BORDERS.index("reflect")
SYMMETRIC = BORDERS.index("symmetric")

OUTSIDE = -1


@compiled
def inside(place: int, size: int, border: int) -> int:
    """Return the row (or column) that stands at `place`, in [0, size) or OUTSIDE.

    `numpy.pad` decides what stands beyond the border.
    """
    if 0 <= place < size:
        return place
    if border == CONSTANT:
        return OUTSIDE
    if border == EDGE or size == 1:
        return min(max(place, 0), size - 1)
    if border == REFLECT:
        place %= 2 * (size - 1)
        return min(place, 2 * (size - 1) - place)
    if border == SYMMETRIC:
        place %= 2 * size
        return min(place, 2 * size - 1 - place)
    return place % size


@compiled
def span(size: int, start: int, border: int) -> Places:
    """Return the rows (or columns) that stand at start, start + 1, ..., `size` of them."""
    places = np.empty(size, np.int32)
    for i in range(size):
        places[i] = inside(start + i, size, border)
    return places
