"""Loops over the images of a batch (N, H, W, C): what Python calls, compiled once for good."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from autotrick.augment.kernels.compiled import compiled, entry_point, sources
from autotrick.augment.kernels.filters import sharpness
from autotrick.augment.kernels.geometry import geometry, shift
from autotrick.augment.kernels.tones import tones
from autotrick.augment.policies import GEOMETRY, OPERATIONS, TONES

Images = NDArray[np.uint8]
Integers = NDArray[np.int64]
Floats = NDArray[np.float64]
Floats32 = NDArray[np.float32]
Truths = NDArray[np.bool_]

IDENTITY = OPERATIONS.index("Identity")
LAST_GEOMETRY = OPERATIONS.index(GEOMETRY[-1])
LAST_TONE = OPERATIONS.index(TONES[-1])


def _operate(version: str) -> Callable[[Images, Integers, Floats, int, int], None]:
    @entry_point
    def operate(
        images: Images, operations: Integers, magnitudes: Floats, border: int, way: int
    ) -> None:
        """Apply to each image its row (L,) of operations, in order."""
        _ = version
        spare = np.empty(images.shape[1:], np.uint8)
        for i in range(len(images)):
            for j in range(operations.shape[1]):
                operation, magnitude = operations[i, j], magnitudes[i, j]
                if operation == IDENTITY:
                    continue
                if operation <= LAST_GEOMETRY:
                    geometry(images[i], spare, operation, magnitude, border, way)
                elif operation <= LAST_TONE:
                    tones(images[i], operation, magnitude)
                else:
                    sharpness(images[i], spare, 1.0 + magnitude)

    return operate


def _move(version: str) -> Callable[[Images, Integers, Integers, int], None]:
    @entry_point
    def move(images: Images, down: Integers, right: Integers, border: int) -> None:
        """Move the frame over each image by its own number of pixels."""
        _ = version
        spare = np.empty(images.shape[1:], np.uint8)
        for i in range(len(images)):
            shift(images[i], spare, down[i], right[i], border)

    return move


def _mirror(version: str) -> Callable[[Images, Truths], None]:
    @entry_point
    def mirror(images: Images, chosen: Truths) -> None:
        """Mirror the chosen images left to right."""
        _ = version
        for i in range(len(images)):
            if chosen[i]:
                for y in range(images.shape[1]):
                    reverse(images[i, y])

    return mirror


def _scale(version: str) -> Callable[[Images, Floats32, Floats32, Floats32], None]:
    @entry_point
    def scale(images: Images, shift: Floats32, spread: Floats32, scaled: Floats32) -> None:
        """Fill `scaled` (N, H, W, C) with each value less its channel's shift, over its spread."""
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

    return scale


@compiled
def reverse(row: NDArray[np.uint8]) -> None:
    """Turn the pixels of a row (W, C) round."""
    last = len(row) - 1
    if row.shape[1] == 3:  # a loop over the channels takes twice as long
        for x in range(len(row) // 2):
            red, green, blue = row[x, 0], row[x, 1], row[x, 2]
            row[x, 0], row[x, 1], row[x, 2] = row[last - x, 0], row[last - x, 1], row[last - x, 2]
            row[last - x, 0], row[last - x, 1], row[last - x, 2] = red, green, blue
    else:
        for x in range(len(row) // 2):
            row[x, 0], row[last - x, 0] = row[last - x, 0], row[x, 0]


_VERSION = sources()
operate, move, mirror = _operate(_VERSION), _move(_VERSION), _mirror(_VERSION)
scale = _scale(_VERSION)
