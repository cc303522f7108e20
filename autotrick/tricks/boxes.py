"""Boxes on batches of images, one or more an image, for the tricks that erase."""

import numpy as np
from numpy.typing import NDArray


def covered(
    low: NDArray[np.int64], high: NDArray[np.int64], size: tuple[int, int]
) -> NDArray[np.bool_]:
    """Return (N, H, W): whether a pixel lies in its image's box.

    Args:
        low: (N, 2) first row and column of the boxes.
        high: (N, 2) the row and column after the last; what lies outside the image is ignored.
        size: (H, W) of the images.
    """
    rows, columns = (
        (low[:, axis, None] <= np.arange(size[axis]))
        & (np.arange(size[axis]) < high[:, axis, None])
        for axis in (0, 1)
    )
    return rows[:, :, None] & columns[:, None, :]
