"""Loops over the images of a batch (N, H, W, C)."""

import numpy as np
from numpy.typing import NDArray

from autotrick.augment.kernels.compiled import compiled
from autotrick.augment.kernels.filters import sharpness
from autotrick.augment.kernels.geometry import geometry, shift
from autotrick.augment.kernels.tones import tones
from autotrick.augment.policies import GEOMETRY, OPERATIONS, TONES

Images = NDArray[np.uint8]

IDENTITY = OPERATIONS.index("Identity")
LAST_GEOMETRY = OPERATIONS.index(GEOMETRY[-1])
LAST_TONE = OPERATIONS.index(TONES[-1])


@compiled
def operate(images: Images, operations: NDArray[np.int64], magnitudes: NDArray[np.float64]) -> None:
    """Apply to each image its row (L,) of operations, in order."""
    spare = np.empty(images.shape[1:], np.uint8)
    for i in range(len(images)):
        for j in range(operations.shape[1]):
            operation, magnitude = operations[i, j], magnitudes[i, j]
            if operation == IDENTITY:
                continue
            if operation <= LAST_GEOMETRY:
                geometry(images[i], spare, operation, magnitude)
            elif operation <= LAST_TONE:
                tones(images[i], operation, magnitude)
            else:
                sharpness(images[i], spare, 1.0 + magnitude)


@compiled
def move(images: Images, down: NDArray[np.int64], right: NDArray[np.int64], border: int) -> None:
    """Move the frame over each image by its own number of pixels."""
    spare = np.empty(images.shape[1:], np.uint8)
    for i in range(len(images)):
        shift(images[i], spare, down[i], right[i], border)


@compiled
def mirror(images: Images, chosen: NDArray[np.bool_]) -> None:
    """Mirror the chosen images left to right."""
    for i in range(len(images)):
        if chosen[i]:
            for y in range(images.shape[1]):
                reverse(images[i, y])


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
