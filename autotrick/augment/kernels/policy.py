"""The loop that applies a row of policy operations to each image of a batch."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from autotrick.augment.kernels.compiled import entry_point, sources
from autotrick.augment.kernels.filters import sharpness
from autotrick.augment.kernels.geometry import geometry
from autotrick.augment.kernels.pointwise import pointwise
from autotrick.augment.policies import GEOMETRY, OPERATIONS, POINTWISE

Images = NDArray[np.uint8]
Integers = NDArray[np.int64]
Floats = NDArray[np.float64]

IDENTITY = OPERATIONS.index("Identity")
LAST_GEOMETRY = OPERATIONS.index(GEOMETRY[-1])
LAST_POINTWISE = OPERATIONS.index(POINTWISE[-1])


def _apply(version: str) -> Callable[[Images, Integers, Floats, int, int], None]:
    @entry_point
    def apply(
        images: Images, operations: Integers, magnitudes: Floats, border: int, interpolation: int
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
                    geometry(images[i], spare, operation, magnitude, border, interpolation)
                elif operation <= LAST_POINTWISE:
                    pointwise(images[i], operation, magnitude)
                else:
                    sharpness(images[i], spare, 1.0 + magnitude)

    return apply


apply = _apply(sources())
