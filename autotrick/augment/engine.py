"""Whole batches through the compiled operations, one image after the other.

Nothing is drawn here: callers pass what happens to each image, so that an image's pixels depend on
its own draws alone. All functions change the batch in place and return it. Batches are uint8
(N, H, W, C), C-contiguous, with 1 or 3 channels.

Importing this module loads numba, so tricks import it when they first act. The compiled code stays in
numba's cache, next to this file or in the user's cache folder: on a 2-core machine the first call of
an installation took 7 s, and 0.3 s in every process after that.
"""

import hashlib
from pathlib import Path
from typing import Any

import numba
import numpy as np
from numpy.typing import NDArray

from autotrick.augment.kernels import batches
from autotrick.augment.kernels.compiled import OPTIONS
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
    _operate(_writable(images), operations.astype(np.int64), magnitudes.astype(np.float64))
    return images


def flip(images: Images, chosen: NDArray[np.bool_]) -> Images:
    """Mirror the chosen images left to right.

    Args:
        images: (N, H, W, C).
        chosen: (N,) truth values.
    """
    _mirror(_writable(images), chosen)
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
    _move(_writable(images), down.astype(np.int64), right.astype(np.int64), place)
    return images


def _writable(images: Images) -> Images:
    """Return the batch as the plain array that the kernels are compiled for."""
    plain = np.asarray(images)
    assert plain.dtype == np.uint8 and plain.ndim == 4 and plain.shape[3] in (1, 3)
    assert plain.flags.c_contiguous and plain.flags.writeable
    return plain


def _sources() -> str:
    """Return a digest of the kernels' text."""
    digest = hashlib.sha256()
    for file in sorted(Path(__file__).parent.rglob("*.py")):
        digest.update(file.read_bytes())
    return digest.hexdigest()


def _entry_points(sources: str) -> tuple[Any, Any, Any]:
    """Return the loops over a batch, compiled at their first call or loaded from the cache.

    numba looks at the text of this file only to tell whether cached code is up to date. What a
    function closes over is part of its key too: hence the digest of all kernels.
    """
    cached = numba.njit(cache=True, **OPTIONS)

    @cached
    def operate(images, operations, magnitudes):  # type: ignore[no-untyped-def]
        _ = sources
        batches.operate(images, operations, magnitudes)

    @cached
    def mirror(images, chosen):  # type: ignore[no-untyped-def]
        _ = sources
        batches.mirror(images, chosen)

    @cached
    def move(images, down, right, border):  # type: ignore[no-untyped-def]
        _ = sources
        batches.move(images, down, right, border)

    return operate, mirror, move


_operate, _mirror, _move = _entry_points(_sources())
