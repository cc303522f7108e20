"""Operations that compute a pixel from its neighbours."""

import math

import numpy as np
from numpy.typing import NDArray

from autotrick.augment.kernels.borders import REFLECT, source_index
from autotrick.augment.kernels.colours import byte
from autotrick.augment.kernels.compiled import compiled, copy, fused, rounded

Image = NDArray[np.uint8]


@compiled
def sharpness(image: Image, spare: Image, factor: float) -> None:
    """Blend with a smoothed image: 0 is that image, 1 the image, above 1 is sharper.

    Smoothing weighs a pixel with 5 and each of its eight neighbours with 1, of 13. The outermost
    pixels stay as they are, and so do images less than 3 pixels wide or high.
    """
    height, width, channels = image.shape
    if height < 3 or width < 3:
        return
    rows, smooth = image.reshape(height, -1), spare.reshape(height, -1)
    rest = np.float32(1.0 - factor)
    sums = np.empty(width * channels, np.float32)
    for y in range(1, height - 1):
        for i in range(len(sums)):
            sums[i] = (
                np.float32(rows[y - 1, i]) + np.float32(rows[y, i]) + np.float32(rows[y + 1, i])
            )
        left, middle, right = sums[: -2 * channels], sums[channels:-channels], sums[2 * channels :]
        values, results = rows[y, channels:-channels], smooth[y, channels:-channels]
        for i in range(len(values)):
            value = np.float32(values[i])
            total = left[i] + middle[i] + right[i] + np.float32(4) * value
            mean = rounded(total / np.float32(13))
            results[i] = byte(fused(mean - value, rest, value))
    for y in range(1, height - 1):
        copy(smooth[y, channels:-channels], rows[y, channels:-channels])


@compiled
def blur(image: Image, smooth: NDArray[np.float32], sigma: float) -> None:
    """Blur with a Gaussian of `sigma` pixels, truncated at three sigma; borders are reflected.

    Args:
        image: (H, W, C).
        smooth: (H, W, C), overwritten.
        sigma: Above 0.
    """
    height, width, channels = image.shape
    radius = math.ceil(3.0 * sigma)
    weights = gaussian_weights(radius, sigma)
    for y in range(height):
        for x in range(width):
            weighted_sum(smooth[y, x], image[y], x - radius, weights)
    sums = np.empty(width * channels, np.float32)
    for y in range(height):
        sums[:] = np.float32(0)
        for k in range(len(weights)):
            row = smooth[source_index(y + k - radius, height, REFLECT)].reshape(-1)
            for i in range(len(sums)):
                sums[i] += weights[k] * row[i]
        line = image[y].reshape(-1)
        for i in range(len(sums)):
            line[i] = byte(rounded(sums[i]))


@compiled
def weighted_sum(
    sums: NDArray[np.float32], row: NDArray[np.uint8], start: int, weights: NDArray[np.float32]
) -> None:
    """Set a pixel (C,) to the weighted sum of a row (W, C) from the column `start` on."""
    sums[:] = np.float32(0)
    for k in range(len(weights)):
        column = source_index(start + k, len(row), REFLECT)
        for c in range(len(sums)):
            sums[c] += weights[k] * np.float32(row[column, c])


@compiled
def gaussian_weights(radius: int, sigma: float) -> NDArray[np.float32]:
    """Return the weights of a Gaussian at -radius, ..., radius pixels; their sum is 1."""
    heights = np.empty(2 * radius + 1)
    for k in range(2 * radius + 1):
        heights[k] = math.exp(-0.5 * ((k - radius) / sigma) ** 2)
    weights: NDArray[np.float32] = (heights / heights.sum()).astype(np.float32)
    return weights
