"""One operation of the policies for some images of a batch, for the tricks that are such an operation."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from autotrick.augment.plans import IDENTITY
from autotrick.augment.policies import OPERATIONS
from autotrick.tricks.base import Images


def toned(
    images: Images, chosen: NDArray[np.bool_], operation: str, magnitude: float = 0.0
) -> Images:
    """Apply an operation to the chosen images, in place.

    Args:
        images: (N, H, W, C).
        chosen: (N,).
        operation: Of `policies.OPERATIONS`.
        magnitude: In its own unit, as `engine.apply` takes it.
    """
    from autotrick.augment import engine

    codes = np.where(chosen, OPERATIONS.index(operation), IDENTITY)[:, None]
    return engine.apply(images, codes, np.full(codes.shape, magnitude))
