"""Operations that compute a pixel from its neighbours."""

import numpy as np
from numpy.typing import NDArray

from autotrick.augment.kernels.compiled import compiled, copy, fused, nearest
from autotrick.augment.kernels.tones import byte

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
            mean = nearest(total / np.float32(13))
            results[i] = byte(fused(mean - value, rest, value))
    for y in range(1, height - 1):
        copy(smooth[y, channels:-channels], rows[y, channels:-channels])
