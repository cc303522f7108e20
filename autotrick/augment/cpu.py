"""The CPU backend: compiled kernels on NumPy arrays. This module is a `backend.Backend`.

Batches are uint8 (N, H, W, C), C-contiguous and writable, with 1 or 3 channels. Operations change them in
place and return them, except for `crop`, which makes a smaller batch.

Importing this module loads numba; `backend.CPU` imports it on first use. numba keeps the compiled
code in its cache, next to the kernels or in the user's cache folder. On a 2-core machine the first
calls of an installation took 7 s, and those of every process after that 0.3 s.
"""

from collections.abc import Iterable
from functools import cache
from io import BytesIO
from statistics import NormalDist

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from autotrick.augment.kernels import borders, erase, policy, warps
from autotrick.augment.kernels import single_operations as single
from autotrick.augment.policies import BORDERS, INTERPOLATIONS, Border, Interpolation

Images = NDArray[np.uint8]


def copy(pixels: Images) -> Images:
    """Return a copy."""
    return pixels.copy()


def to_numpy(pixels: Images) -> Images:
    """Return the pixels themselves."""
    return pixels


def replace(pixels: Images, chosen: NDArray[np.bool_], others: Images) -> Images:
    """Replace the chosen images by others.

    Args:
        pixels: (N, H, W, C).
        chosen: (N,) truth values, M of them true.
        others: (M, H, W, C).
    """
    pixels[chosen] = others
    return pixels


def flip(pixels: Images, chosen: NDArray[np.bool_]) -> Images:
    """Mirror the chosen images left to right.

    Args:
        pixels: (N, H, W, C).
        chosen: (N,) truth values.
    """
    single.flip_each(_checked(pixels), chosen)
    return pixels


def flip_vertical(pixels: Images, chosen: NDArray[np.bool_]) -> Images:
    """Mirror the chosen images upside down.

    Args:
        pixels: (N, H, W, C).
        chosen: (N,) truth values.
    """
    single.turn_each(_checked(pixels), np.where(chosen, warps.DOWN, 0))
    return pixels


def turn(pixels: Images, quarters: NDArray[np.integer]) -> Images:
    """Turn each image to the left by quarters of a circle.

    Args:
        pixels: (N, H, W, C); square where a number of quarters is odd.
        quarters: (N,) of 0 to 3.
    """
    square = pixels.shape[1] == pixels.shape[2]
    assert square or not (quarters % 2).any()
    ways = np.array([0, warps.LEFT, warps.HALF, warps.RIGHT])
    single.turn_each(_checked(pixels), ways[quarters])
    return pixels


def crop(
    pixels: Images, top: NDArray[np.integer], left: NDArray[np.integer], size: tuple[int, int]
) -> Images:
    """Return a part of each image.

    Args:
        pixels: (N, H, W, C).
        top: (N,) first rows.
        left: (N,) first columns.
        size: Height and width of the parts; they lie within the images.
    """
    parts = sliding_window_view(pixels, size, axis=(1, 2))
    chosen = parts[np.arange(len(pixels)), top, left]
    return np.ascontiguousarray(chosen.transpose(0, 2, 3, 1))


def move(
    pixels: Images,
    down: NDArray[np.integer],
    right: NDArray[np.integer],
    border: Border,
    ignore: int | None = None,
) -> Images:
    """Move the frame over each image by whole pixels.

    Args:
        pixels: (N, H, W, C).
        down: (N,) pixels that the frame moves down; below 0 up.
        right: (N,) pixels that it moves to the right; below 0 left.
        border: What stands outside the image, with the meaning of `numpy.pad`.
        ignore: What stands outside masks.
    """
    code, _ = _codes(border, "nearest", ignore)
    inverted = _invert(_checked(pixels), ignore)
    single.move_each(inverted, down.astype(np.int64), right.astype(np.int64), code)
    return _invert(pixels, ignore)


def warp(
    pixels: Images,
    maps: NDArray[np.floating],
    border: Border,
    interpolation: Interpolation,
    ignore: int | None = None,
) -> Images:
    """Set each pixel to what the image shows where the image's affine map sends it.

    Args:
        pixels: (N, H, W, C).
        maps: (N, 2, 3): the source of the pixel at (x, y), both counted from the image's centre, is
            column `m[0, 0] x + m[0, 1] y + m[0, 2]` and row `m[1, 0] x + m[1, 1] y + m[1, 2]`.
        border: What stands outside the image, with the meaning of `numpy.pad`.
        interpolation: How a value between pixels is computed.
        ignore: What stands outside masks.
    """
    rows = np.ascontiguousarray(maps, np.float64).reshape(len(pixels), 6)
    single.warp_each(
        _invert(_checked(pixels), ignore), rows, *_codes(border, interpolation, ignore)
    )
    return _invert(pixels, ignore)


def enlarge(pixels: Images, boxes: NDArray[np.integer], interpolation: Interpolation) -> Images:
    """Stretch a box of each image over the whole image.

    Args:
        pixels: (N, H, W, C).
        boxes: (N, 4) top, left, height and width in pixels, inside the image.
        interpolation: How a value between pixels is computed.
    """
    rows = np.ascontiguousarray(boxes, np.int64)
    single.enlarge_each(_checked(pixels), rows, INTERPOLATIONS.index(interpolation))
    return pixels


def apply(
    pixels: Images,
    operations: NDArray[np.integer],
    magnitudes: NDArray[np.floating],
    border: Border = "constant",
    interpolation: Interpolation = "nearest",
    ignore: int | None = None,
) -> Images:
    """Apply to each image its row of policy operations, in order.

    Args:
        pixels: (N, H, W, C).
        operations: (N, L) indices in `policies.OPERATIONS`; Identity does nothing. Geometric ones
            where the pixels are masks.
        magnitudes: (N, L) signed, in the operation's own unit: tangent, pixels, degrees, factor
            minus 1, bits to keep, threshold in [0, 1], levels to add, share of the colour circle.
        border: What warps show from outside the image, with the meaning of `numpy.pad`.
        interpolation: How they compute a value between pixels; translations are by whole pixels.
        ignore: What stands outside masks.
    """
    codes, sizes = operations.astype(np.int64), magnitudes.astype(np.float64)
    inverted = _invert(_checked(pixels), ignore)
    policy.apply(inverted, codes, sizes, *_codes(border, interpolation, ignore))
    return _invert(pixels, ignore)


def blur(pixels: Images, sigmas: NDArray[np.floating]) -> Images:
    """Blur each image with a Gaussian; borders are reflected.

    Args:
        pixels: (N, H, W, C).
        sigmas: (N,) pixels; 0 leaves the image as it is.
    """
    single.blur_each(_checked(pixels), sigmas.astype(np.float64))
    return pixels


def linear(
    pixels: Images, offsets: NDArray[np.floating], gains: NDArray[np.floating] | None = None
) -> Images:
    """Multiply each channel of each image, then add to it; round and clip to [0, 255].

    Args:
        pixels: (N, H, W, C).
        offsets: (N, C) levels.
        gains: (N, C) factors; 1 if None.
    """
    factors = np.ones(offsets.shape) if gains is None else gains
    single.linear_each(_checked(pixels), factors.astype(np.float32), offsets.astype(np.float32))
    return pixels


def scale_contrast(pixels: Images, factors: NDArray[np.floating]) -> Images:
    """Multiply each value's distance from the mean of its channel in its image.

    Args:
        pixels: (N, H, W, C).
        factors: (N,).
    """
    single.scale_contrast_each(_checked(pixels), factors.astype(np.float32))
    return pixels


def add_noise(pixels: Images, keys: NDArray[np.uint64], sigmas: NDArray[np.floating]) -> Images:
    """Add normal noise to every value, and clip to [0, 255].

    Args:
        pixels: (N, H, W, C).
        keys: (N,) numbers, each of which decides an image's noise.
        sigmas: (N,) standard deviations in levels.
    """
    single.add_noise_each(_checked(pixels), keys, sigmas.astype(np.float32), normal_quantiles())
    return pixels


@cache
def normal_quantiles() -> NDArray[np.float32]:
    """Return 65536 values of the standard normal distribution, all equally likely."""
    normal = NormalDist()
    return np.array([normal.inv_cdf((i + 0.5) / 65536) for i in range(65536)], np.float32)


def salt_and_pepper(
    pixels: Images, keys: NDArray[np.uint64], amounts: NDArray[np.floating]
) -> Images:
    """Set pixels to black or white, each with half the chance.

    Args:
        pixels: (N, H, W, C).
        keys: (N,) numbers, each of which decides an image's pixels.
        amounts: (N,) chances of a pixel, in [0, 1].
    """
    single.salt_and_pepper_each(_checked(pixels), keys, amounts.astype(np.float64))
    return pixels


def permute_channels(pixels: Images, orders: NDArray[np.integer]) -> Images:
    """Give the channels of each image another order.

    Args:
        pixels: (N, H, W, C).
        orders: (N, C): channel c becomes what channel `orders[:, c]` was.
    """
    codes = orders @ orders.shape[1] ** np.arange(orders.shape[1])
    for code, first in zip(*np.unique(codes, return_index=True), strict=True):
        chosen, order = codes == code, orders[first]
        if (order[1:] < order[:-1]).any():
            pixels[chosen] = pixels[chosen][..., order]
    return pixels


def compress(pixels: Images, qualities: NDArray[np.integer]) -> Images:
    """Compress images as JPEG with Pillow's defaults, and open them again.

    Args:
        pixels: (N, H, W, C).
        qualities: (N,) from 1 to 95, as Pillow counts; 0 leaves the image as it is.
    """
    from PIL import Image

    for i in np.flatnonzero(qualities):
        buffer = BytesIO()
        plain = pixels[i, ..., 0] if pixels.shape[3] == 1 else pixels[i]
        Image.fromarray(plain).save(buffer, "JPEG", quality=int(qualities[i]))
        pixels[i] = np.asarray(Image.open(buffer), np.uint8).reshape(pixels.shape[1:])
    return pixels


def blend(pixels: Images, others: Iterable[Images], weights: NDArray[np.floating]) -> Images:
    """Set each image to a weighted sum of itself and of the other batches' images, rounded.

    Args:
        pixels: (N, H, W, C).
        others: L - 1 batches of the same shape, one at a time.
        weights: (N, L), the image's own first; rows that sum to 1.
    """
    shares = np.ascontiguousarray(weights.T, np.float32)
    sums = np.zeros(pixels.shape, np.float32)
    single.add_weighted(sums, _checked(pixels), shares[0])
    for share, other in zip(shares[1:], others, strict=True):
        single.add_weighted(sums, _checked(other), share)
    single.set_rounded(sums, pixels)
    return pixels


def normalise(
    pixels: Images, shift: NDArray[np.float32], spread: NDArray[np.float32]
) -> NDArray[np.float32]:
    """Return the batch as floats (N, H, W, C): each value minus its channel's shift, over its spread.

    The same numbers as torch's, in a tenth of its time; permuted to (N, C, H, W) they are what torch
    calls channels-last.

    Args:
        pixels: (N, H, W, C); stays as it is.
        shift: (C,) in levels from 0 to 255.
        spread: (C,) likewise.
    """
    scaled = np.empty(pixels.shape, np.float32)
    single.normalise_each(_checked(pixels), shift, spread, scaled)
    return scaled


def fill(
    images: NDArray[np.float32], hidden: NDArray[np.bool_], colour: NDArray[np.float32]
) -> None:
    """Set the hidden pixels of normalised images to one colour, in place.

    Args:
        images: (N, H, W, C), of any memory layout.
        hidden: (N, H, W).
        colour: (C,) as normalised images have it.
    """
    erase.fill(images, np.ascontiguousarray(hidden), colour)


def fill_with_noise(
    images: NDArray[np.float32],
    hidden: NDArray[np.bool_],
    key: tuple[np.uint64, NDArray[np.int64]],
    scale: tuple[NDArray[np.float32], NDArray[np.float32]],
) -> None:
    """Set each hidden pixel of normalised images to a uniform random colour, in place.

    Args:
        images: (N, H, W, C), of any memory layout.
        hidden: (N, H, W).
        key: The key of the update (`Stream.at`), and the (N,) samples; a pixel's draws are those at
            (sample x H + row) x W + column.
        scale: (C,) mean and (C,) standard deviation that the images were normalised with.
    """
    update, samples = key
    plain = np.ascontiguousarray(hidden)
    erase.fill_with_noise(images, plain, update, samples.astype(np.uint64), *scale)


def _codes(border: Border, interpolation: Interpolation, ignore: int | None) -> tuple[int, int]:
    """Return border and interpolation as the kernels know them.

    Masks are looked up at the very pixels at which images are looked up by the nearest neighbour.
    Policies look these up in two ways, whose ties differ: as torchvision does if black is outside, and
    as `affine` does for all other borders and interpolations, which is what `borders.IGNORE` asks for.
    """
    if ignore is None:
        return BORDERS.index(border), INTERPOLATIONS.index(interpolation)
    as_torchvision = border == "constant" and interpolation == "nearest"
    return borders.CONSTANT if as_torchvision else borders.IGNORE, warps.NEAREST


def _invert(pixels: Images, ignore: int | None) -> Images:
    """Exchange 0, which kernels read outside an image, and `ignore` in masks; twice is the same."""
    if ignore:
        np.bitwise_xor(pixels, np.uint8(ignore), out=pixels)
    return pixels


def _checked(pixels: Images) -> Images:
    """Return the batch as the plain array that the kernels are compiled for."""
    plain = np.asarray(pixels)
    assert plain.dtype == np.uint8 and plain.ndim == 4 and plain.shape[3] in (1, 3)
    assert plain.flags.c_contiguous and plain.flags.writeable
    return plain
