"""Loops that apply one operation to every image of a batch (N, H, W, C).

They change the batch in place. Each image has its own parameters.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from autotrick.augment.kernels.colours import byte, linear, scale_contrast
from autotrick.augment.kernels.compiled import compiled, entry_point, rounded, sources
from autotrick.augment.kernels.filters import blur
from autotrick.augment.kernels.geometry import shift
from autotrick.augment.kernels.noise import add_noise, salt_and_pepper
from autotrick.augment.kernels.warps import affine, enlarge, turn

Images = NDArray[np.uint8]
Integers = NDArray[np.int64]
Keys = NDArray[np.uint64]
Floats = NDArray[np.float64]
Floats32 = NDArray[np.float32]
Truths = NDArray[np.bool_]


def _flip_each(version: str) -> Callable[[Images, Truths], None]:
    @entry_point
    def flip_each(images: Images, chosen: Truths) -> None:
        """Mirror the chosen images left to right."""
        _ = version
        for i in range(len(images)):
            if chosen[i]:
                for y in range(images.shape[1]):
                    reverse(images[i, y])

    return flip_each


@compiled
def reverse(row: NDArray[np.uint8]) -> None:
    """Reverse the order of the pixels of a row (W, C)."""
    last = len(row) - 1
    if row.shape[1] == 3:  # a loop over the channels takes twice as long
        for x in range(len(row) // 2):
            red, green, blue = row[x, 0], row[x, 1], row[x, 2]
            row[x, 0], row[x, 1], row[x, 2] = row[last - x, 0], row[last - x, 1], row[last - x, 2]
            row[last - x, 0], row[last - x, 1], row[last - x, 2] = red, green, blue
    else:
        for x in range(len(row) // 2):
            row[x, 0], row[last - x, 0] = row[last - x, 0], row[x, 0]


def _turn_each(version: str) -> Callable[[Images, Integers], None]:
    @entry_point
    def turn_each(images: Images, ways: Integers) -> None:
        """Turn each image its way, of those in `warps`; 0 leaves it as it is."""
        _ = version
        spare = np.empty(images.shape[1:], np.uint8)
        for i in range(len(images)):
            if ways[i] != 0:
                turn(images[i], spare, ways[i])

    return turn_each


def _move_each(version: str) -> Callable[[Images, Integers, Integers, int], None]:
    @entry_point
    def move_each(images: Images, down: Integers, right: Integers, border: int) -> None:
        """Move the frame over each image by whole pixels."""
        _ = version
        spare = np.empty(images.shape[1:], np.uint8)
        for i in range(len(images)):
            shift(images[i], spare, down[i], right[i], border)

    return move_each


def _warp_each(version: str) -> Callable[[Images, Floats, int, int], None]:
    @entry_point
    def warp_each(images: Images, maps: Floats, border: int, interpolation: int) -> None:
        """Look up the pixels of each image through its affine map (6,)."""
        _ = version
        spare = np.empty(images.shape[1:], np.uint8)
        for i in range(len(images)):
            m = maps[i]
            affine(images[i], spare, (m[0], m[1], m[2]), (m[3], m[4], m[5]), border, interpolation)

    return warp_each


def _enlarge_each(version: str) -> Callable[[Images, Integers, int], None]:
    @entry_point
    def enlarge_each(images: Images, boxes: Integers, interpolation: int) -> None:
        """Stretch a box (4,) of each image over the whole image."""
        _ = version
        spare = np.empty(images.shape[1:], np.uint8)
        for i in range(len(images)):
            enlarge(images[i], spare, boxes[i], interpolation)

    return enlarge_each


def _blur_each(version: str) -> Callable[[Images, Floats], None]:
    @entry_point
    def blur_each(images: Images, sigmas: Floats) -> None:
        """Blur each image by its sigma in pixels; 0 leaves it as it is."""
        _ = version
        smooth = np.empty(images.shape[1:], np.float32)
        for i in range(len(images)):
            if sigmas[i] > 0:
                blur(images[i], smooth, sigmas[i])

    return blur_each


def _linear_each(version: str) -> Callable[[Images, Floats32, Floats32], None]:
    @entry_point
    def linear_each(images: Images, gains: Floats32, offsets: Floats32) -> None:
        """Multiply each channel of each image by its gain and add its offset, both (N, C)."""
        _ = version
        for i in range(len(images)):
            linear(images[i], gains[i], offsets[i])

    return linear_each


def _scale_contrast_each(version: str) -> Callable[[Images, Floats32], None]:
    @entry_point
    def scale_contrast_each(images: Images, factors: Floats32) -> None:
        """Multiply the distances from each channel's mean by the image's factor."""
        _ = version
        gains = np.empty((2, images.shape[3]), np.float32)
        for i in range(len(images)):
            scale_contrast(images[i], factors[i], gains)

    return scale_contrast_each


def _add_noise_each(version: str) -> Callable[[Images, Keys, Floats32, Floats32], None]:
    @entry_point
    def add_noise_each(images: Images, keys: Keys, sigmas: Floats32, quantiles: Floats32) -> None:
        """Add normal noise to each image, of the image's key and sigma."""
        _ = version
        for i in range(len(images)):
            add_noise(images[i], keys[i], sigmas[i], quantiles)

    return add_noise_each


def _salt_and_pepper_each(version: str) -> Callable[[Images, Keys, Floats], None]:
    @entry_point
    def salt_and_pepper_each(images: Images, keys: Keys, amounts: Floats) -> None:
        """Set pixels of each image to black or white, by the image's key and amount."""
        _ = version
        for i in range(len(images)):
            salt_and_pepper(images[i], keys[i], amounts[i])

    return salt_and_pepper_each


def _add_weighted(version: str) -> Callable[[Floats32, Images, Floats32], None]:
    @entry_point
    def add_weighted(sums: Floats32, images: Images, weights: Floats32) -> None:
        """Add each image, times its weight, to its sum."""
        _ = version
        for i in range(len(images)):
            total, values, weight = sums[i].reshape(-1), images[i].reshape(-1), weights[i]
            for j in range(len(values)):
                total[j] += weight * np.float32(values[j])

    return add_weighted


def _set_rounded(version: str) -> Callable[[Floats32, Images], None]:
    @entry_point
    def set_rounded(sums: Floats32, images: Images) -> None:
        """Set each image to its sum, rounded."""
        _ = version
        total, values = sums.reshape(-1), images.reshape(-1)
        for j in range(len(values)):
            values[j] = byte(rounded(total[j]))

    return set_rounded


def _normalise_each(version: str) -> Callable[[Images, Floats32, Floats32, Floats32], None]:
    @entry_point
    def normalise_each(images: Images, shift: Floats32, spread: Floats32, scaled: Floats32) -> None:
        """Fill `scaled` (N, H, W, C) with each value minus its channel's shift, over its spread."""
        _ = version
        width, channels = images.shape[2:]
        # As long as a row, so that the loop over a row is one of plain vectors.
        shifts = np.empty(width * channels, np.float32)
        spreads = np.empty(width * channels, np.float32)
        for i in range(width * channels):
            shifts[i], spreads[i] = shift[i % channels], spread[i % channels]
        for i in range(len(images)):
            old, new = images[i].reshape(-1), scaled[i].reshape(-1)
            for start in range(0, len(old), len(shifts)):
                values, results = old[start : start + len(shifts)], new[start : start + len(shifts)]
                for j in range(len(shifts)):
                    results[j] = (np.float32(values[j]) - shifts[j]) / spreads[j]

    return normalise_each


_VERSION = sources()
flip_each, turn_each, move_each = _flip_each(_VERSION), _turn_each(_VERSION), _move_each(_VERSION)
warp_each, enlarge_each = _warp_each(_VERSION), _enlarge_each(_VERSION)
blur_each, linear_each = _blur_each(_VERSION), _linear_each(_VERSION)
scale_contrast_each = _scale_contrast_each(_VERSION)
add_noise_each = _add_noise_each(_VERSION)
salt_and_pepper_each = _salt_and_pepper_each(_VERSION)
add_weighted, set_rounded = _add_weighted(_VERSION), _set_rounded(_VERSION)
normalise_each = _normalise_each(_VERSION)
