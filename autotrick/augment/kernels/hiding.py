"""Loops over normalised images (N, H, W, C), of any memory layout: some pixels get another colour."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from autotrick.augment.kernels.compiled import compiled, entry_point, sources
from autotrick.augment.kernels.noise import draw

Floats32 = NDArray[np.float32]
Truths = NDArray[np.bool_]

RIGHT = np.uint64(11)
STEP = 2.0**-53


@compiled
def some(truths: Truths) -> bool:
    """Return whether any is true; without branches, so that plain vectors do it."""
    found = np.uint8(0)
    for truth in truths:
        found |= np.uint8(truth)
    return bool(found)


def _paints(version: str) -> Callable[[Floats32, Truths, Floats32], None]:
    @entry_point
    def paints(images: Floats32, hidden: Truths, colour: Floats32) -> None:
        """Give the hidden pixels (N, H, W) one colour (C,)."""
        _ = version
        count, height, width, channels = images.shape
        for n in range(count):
            for y in range(height):
                row, hide = images[n, y], hidden[n, y]
                if not some(hide):
                    continue
                for x in range(width):
                    if hide[x]:
                        for c in range(channels):
                            row[x, c] = colour[c]

    return paints


def _dapples(
    version: str,
) -> Callable[[Floats32, Truths, np.uint64, NDArray[np.uint64], Floats32, Floats32], None]:
    @entry_point
    def dapples(
        images: Floats32,
        hidden: Truths,
        key: np.uint64,
        samples: NDArray[np.uint64],
        mean: Floats32,
        std: Floats32,
    ) -> None:
        """Give each hidden pixel a colour of its own, uniform in [0, 1) before normalisation.

        The draws are those of `draws.Stream.uniform` at (sample x H + row) x W + column.
        """
        _ = version
        count, height, width, channels = images.shape
        for n in range(count):
            for y in range(height):
                row, hide = images[n, y], hidden[n, y]
                if not some(hide):
                    continue
                first = (samples[n] * np.uint64(height) + np.uint64(y)) * np.uint64(width)
                for x in range(width):
                    if hide[x]:
                        own = draw(key ^ draw(first + np.uint64(x), 0), 0)
                        for c in range(channels):
                            share = np.float64(draw(own, c + 1) >> RIGHT) * STEP
                            level = (share - np.float64(mean[c])) / np.float64(std[c])
                            row[x, c] = np.float32(level)

    return dapples


_VERSION = sources()
paints, dapples = _paints(_VERSION), _dapples(_VERSION)
