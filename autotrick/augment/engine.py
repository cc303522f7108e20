"""Whole batches through the compiled operations, one image after the other.

Nothing is drawn here: callers pass what happens to each image, so that an image's pixels depend on
its own draws alone. Batches are uint8 (N, H, W, C), C-contiguous, with 1 or 3 channels; operations
change them in place and return them.

Importing this module loads numba, so tricks import it when they first act. The compiled code stays in
numba's cache, next to the kernels or in the user's cache folder: on a 2-core machine the first calls
of an installation took 7 s, and 0.3 s in every process after that.
"""

from collections.abc import Iterable
from functools import cache
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from autotrick.augment.kernels import batches, further, hiding, warps
from autotrick.augment.policies import BORDERS, INTERPOLATIONS, Border, Interpolation

Images = NDArray[np.uint8]


def apply(
    images: Images,
    operations: NDArray[np.integer],
    magnitudes: NDArray[np.floating],
    border: Border = "constant",
    interpolation: Interpolation = "nearest",
) -> Images:
    """Apply to each image its row of operations, in order.

    Args:
        images: (N, H, W, C).
        operations: (N, L) places in `policies.OPERATIONS`; Identity does nothing.
        magnitudes: (N, L) signed, in the operation's own unit: tangent, pixels, degrees, factor
            less 1, bits that stay, threshold in [0, 1], levels to add, share of the colour circle.
        border: What warps show from outside the image, with the meaning of `numpy.pad`.
        interpolation: How they make a value between pixels; translations are by whole pixels.
    """
    codes, sizes = operations.astype(np.int64), magnitudes.astype(np.float64)
    way = INTERPOLATIONS.index(interpolation)
    batches.operate(_writable(images), codes, sizes, BORDERS.index(border), way)
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


def turn(images: Images, chosen: NDArray[np.bool_], quarters: NDArray[np.integer]) -> Images:
    """Mirror the chosen images upside down, and turn each to the left by its quarters.

    Args:
        images: (N, H, W, C); square where a number of quarters is odd.
        chosen: (N,) truth values.
        quarters: (N,) of 0 to 3.
    """
    square = images.shape[1] == images.shape[2]
    assert square or not (quarters % 2).any()
    ways = np.array([0, warps.LEFT, warps.HALF, warps.RIGHT])
    further.turns(_writable(images), np.where(chosen, warps.DOWN, 0))
    further.turns(images, ways[quarters])
    return images


def warp(
    images: Images,
    places: NDArray[np.floating],
    border: Border,
    interpolation: Interpolation,
) -> Images:
    """Set each pixel to what stands where its image's affine map sends it.

    Args:
        images: (N, H, W, C).
        places: (N, 2, 3): the source of the pixel at (x, y), both counted from the image's centre, is
            column `p[0, 0] x + p[0, 1] y + p[0, 2]` and row `p[1, 0] x + p[1, 1] y + p[1, 2]`.
        border: What stands outside the image, with the meaning of `numpy.pad`.
        interpolation: How a value between pixels is made.
    """
    rows = np.ascontiguousarray(places, np.float64).reshape(len(images), 6)
    way = INTERPOLATIONS.index(interpolation)
    further.warps(_writable(images), rows, BORDERS.index(border), way)
    return images


def enlarge(images: Images, boxes: NDArray[np.integer], interpolation: Interpolation) -> Images:
    """Stretch a box of each image over the whole image.

    Args:
        images: (N, H, W, C).
        boxes: (N, 4) top, left, height and width in pixels, inside the image.
        interpolation: How a value between pixels is made.
    """
    rows = np.ascontiguousarray(boxes, np.int64)
    further.enlarges(_writable(images), rows, INTERPOLATIONS.index(interpolation))
    return images


def blur(images: Images, sigmas: NDArray[np.floating]) -> Images:
    """Blur each image with a Gaussian; borders are reflected.

    Args:
        images: (N, H, W, C).
        sigmas: (N,) pixels; 0 leaves the image as it is.
    """
    further.blurs(_writable(images), sigmas.astype(np.float64))
    return images


def shift(
    images: Images, offsets: NDArray[np.floating], gains: NDArray[np.floating] | None = None
) -> Images:
    """Add to each channel of each image, and before that multiply it; round and cut to [0, 255].

    Args:
        images: (N, H, W, C).
        offsets: (N, C) levels.
        gains: (N, C) factors; 1 when left out.
    """
    factors = np.ones(offsets.shape) if gains is None else gains
    further.shifts(_writable(images), factors.astype(np.float32), offsets.astype(np.float32))
    return images


def stretch(images: Images, factors: NDArray[np.floating]) -> Images:
    """Multiply each value's distance from the mean of its channel in its image.

    Args:
        images: (N, H, W, C).
        factors: (N,).
    """
    further.stretches(_writable(images), factors.astype(np.float32))
    return images


def grain(images: Images, keys: NDArray[np.uint64], sigmas: NDArray[np.floating]) -> Images:
    """Add normal noise to every value, and cut to [0, 255].

    Args:
        images: (N, H, W, C).
        keys: (N,) numbers, each of which decides an image's noise.
        sigmas: (N,) standard deviations in levels.
    """
    further.grains(_writable(images), keys, sigmas.astype(np.float32), quantiles())
    return images


@cache
def quantiles() -> NDArray[np.float32]:
    """Return 65536 values of the standard normal distribution, all equally likely."""
    normal = NormalDist()
    return np.array([normal.inv_cdf((i + 0.5) / 65536) for i in range(65536)], np.float32)


def speckle(images: Images, keys: NDArray[np.uint64], amounts: NDArray[np.floating]) -> Images:
    """Set pixels to black or white, each with half the chance.

    Args:
        images: (N, H, W, C).
        keys: (N,) numbers, each of which decides an image's pixels.
        amounts: (N,) chances of a pixel, in [0, 1].
    """
    further.speckles(_writable(images), keys, amounts.astype(np.float64))
    return images


def mix(images: Images, others: Iterable[Images], weights: NDArray[np.floating]) -> Images:
    """Set each image to a weighted sum of itself and of the other batches' images, rounded.

    Args:
        images: (N, H, W, C).
        others: L - 1 batches of the same shape, one at a time.
        weights: (N, L), the image's own first; rows that sum to 1.
    """
    shares = np.ascontiguousarray(weights.T, np.float32)
    sums = np.zeros(images.shape, np.float32)
    further.mixes(sums, _writable(images), shares[0])
    for share, other in zip(shares[1:], others, strict=True):
        further.mixes(sums, _writable(other), share)
    further.rounds(sums, images)
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


def paint(
    images: NDArray[np.float32], hidden: NDArray[np.bool_], colour: NDArray[np.float32]
) -> None:
    """Give the hidden pixels of normalised images one colour.

    Args:
        images: (N, H, W, C), of any memory layout.
        hidden: (N, H, W).
        colour: (C,) as normalised images have it.
    """
    hiding.paints(images, np.ascontiguousarray(hidden), colour)


def dapple(
    images: NDArray[np.float32],
    hidden: NDArray[np.bool_],
    at: tuple[np.uint64, NDArray[np.int64]],
    scale: tuple[NDArray[np.float32], NDArray[np.float32]],
) -> None:
    """Give each hidden pixel of normalised images a uniform colour of its own.

    Args:
        images: (N, H, W, C), of any memory layout.
        hidden: (N, H, W).
        at: What leads to the draws of the update (`Stream.at`), and the (N,) samples; a pixel's
            draws are those at (sample x H + row) x W + column.
        scale: (C,) mean and (C,) standard deviation that the images were normalised with.
    """
    update, samples = at
    hiding.dapples(images, np.ascontiguousarray(hidden), update, samples.astype(np.uint64), *scale)


def _writable(images: Images) -> Images:
    """Return the batch as the plain array that the kernels are compiled for."""
    plain = np.asarray(images)
    assert plain.dtype == np.uint8 and plain.ndim == 4 and plain.shape[3] in (1, 3)
    assert plain.flags.c_contiguous and plain.flags.writeable
    return plain
