"""Whole batches through the compiled operations, one image after the other.

Nothing is drawn here: callers pass what happens to each image, so that an image's pixels depend on
its own draws alone. Batches are uint8 (N, H, W, C), C-contiguous, with 1 or 3 channels; operations
change them in place and return them.

Importing this module loads numba, so tricks import it when they first act. The compiled code stays in
numba's cache, next to the kernels or in the user's cache folder: on a 2-core machine the first calls
of an installation took 7 s, and 0.3 s in every process after that.
"""

import numpy as np
from numpy.typing import NDArray

from autotrick.augment.kernels import batches
from autotrick.augment.policies import BORDERS, Border

Images = NDArray[np.uint8]


def apply(
    images: Images, operations: NDArray[np.integer], magnitudes: NDArray[np.floating]
) -> Images:
    """Apply to each image its row of operations, in order.

    Args:
        images: (N, H, W, C).
        operations: (N, L) places in `policies.OPERATIONS`; Identity does nothing.
        magnitudes: (N, L) signed, in the operation's own unit: tangent, pixels, degrees, factor
            less 1, bits that stay, threshold in [0, 1].
    """
    batches.operate(_writable(images), operations.astype(np.int64), magnitudes.astype(np.float64))
    return images


def flip(images: Images, chosen: NDArray[np.bool_]) -> Images:
    """Mirror the chosen images left to right.

    Args:
        images: (N, H, W, C).
        chosen: (N,) truth values.
    """
    batches.mirror(_writable(images), chosen)
    return images


def crop(
    images: Images, down: NDArray[np.integer], right: NDArray[np.integer], border: Border
) -> Images:
    """Move the frame over each image; the border decides what comes into view.

    Args:
        images: (N, H, W, C).
        down: (N,) pixels that the frame moves down; below 0 up.
        right: (N,) pixels that it moves to the right; below 0 left.
        border: What stands outside the image, with the meaning of `numpy.pad`.
    """
    place = BORDERS.index(border)
    batches.move(_writable(images), down.astype(np.int64), right.astype(np.int64), place)
    return images


def standardised(
    images: Images, shift: NDArray[np.float32], spread: NDArray[np.float32]
) -> NDArray[np.float32]:
    """Return the batch as floats (N, H, W, C): each value less its channel's shift, over its spread.

    The same numbers as torch's, in a tenth of its time; permuted to (N, C, H, W) they are what torch
    calls channels-last.

    Args:
        images: (N, H, W, C); stays as it is.
        shift: (C,) in levels from 0 to 255.
        spread: (C,) likewise.
    """
    scaled = np.empty(images.shape, np.float32)
    batches.scale(_writable(images), shift, spread, scaled)
    return scaled


def _writable(images: Images) -> Images:
    """Return the batch as the plain array that the kernels are compiled for."""
    plain = np.asarray(images)
    assert plain.dtype == np.uint8 and plain.ndim == 4 and plain.shape[3] in (1, 3)
    assert plain.flags.c_contiguous and plain.flags.writeable
    return plain
