"""Loops that hide pixels of normalised float images (N, H, W, C), of any memory layout."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from autotrick.augment.kernels.compiled import compiled, entry_point, sources
from autotrick.augment.kernels.noise import bits_at

Floats32 = NDArray[np.float32]
Truths = NDArray[np.bool_]

RIGHT = np.uint64(11)
STEP = 2.0**-53


@compiled
def any_true(truths: Truths) -> bool:
    """Return whether any is true; without branches, so that the loop is vectorised."""
    found = np.uint8(0)
    for truth in truths:
        found |= np.uint8(truth)
    return bool(found)


def _fill(version: str) -> Callable[[Floats32, Truths, Floats32], None]:
    @entry_point
    def fill(images: Floats32, hidden: Truths, colour: Floats32) -> None:
        """Set the hidden pixels (N, H, W) to one colour (C,)."""
        _ = version
        count, height, width, channels = images.shape
        for n in range(count):
            for y in range(height):
                row, hide = images[n, y], hidden[n, y]
                if not any_true(hide):
                    continue
                for x in range(width):
                    if hide[x]:
                        for c in range(channels):
                            row[x, c] = colour[c]

    return fill


def _fill_with_noise(
    version: str,
) -> Callable[[Floats32, Truths, np.uint64, NDArray[np.uint64], Floats32, Floats32], None]:
    @entry_point
    def fill_with_noise(
        images: Floats32,
        hidden: Truths,
        key: np.uint64,
        samples: NDArray[np.uint64],
        mean: Floats32,
        std: Floats32,
    ) -> None:
        """Set each hidden pixel to a random colour, uniform in [0, 1) before normalisation.

        The draws are those of `random_streams.Stream.uniform` at (sample x H + row) x W + column.
        """
        _ = version
        count, height, width, channels = images.shape
        for n in range(count):
            for y in range(height):
                row, hide = images[n, y], hidden[n, y]
                if not any_true(hide):
                    continue
                first = (samples[n] * np.uint64(height) + np.uint64(y)) * np.uint64(width)
                for x in range(width):
                    if hide[x]:
                        own = bits_at(key ^ bits_at(first + np.uint64(x), 0), 0)
                        for c in range(channels):
                            share = np.float64(bits_at(own, c + 1) >> RIGHT) * STEP
                            level = (share - np.float64(mean[c])) / np.float64(std[c])
                            row[x, c] = np.float32(level)

    return fill_with_noise


_VERSION = sources()
fill, fill_with_noise = _fill(_VERSION), _fill_with_noise(_VERSION)
