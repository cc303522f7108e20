"""One operation of the policies for some images of a batch, for the tricks that are such an operation."""

from __future__ import annotations

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from autotrick.augment.plans import IDENTITY
from autotrick.augment.policies import OPERATIONS
from autotrick.tricks.base import Images, Run


class Toning(Protocol):
    """A trick that does one operation to an image with some chance."""

    @property
    def name(self) -> str: ...
    @property
    def probability(self) -> float: ...


def toned(
    trick: Toning,
    images: Images,
    samples: NDArray[np.int64],
    run: Run,
    operation: str,
    magnitude: float = 0.0,
) -> Images:
    """Apply an operation to the images that the trick's chance chooses, in place.

    Args:
        images: (N, H, W, C).
        samples: (N,), which decide the draws.
        operation: Of `policies.OPERATIONS`.
        magnitude: In its own unit, as `engine.apply` takes it.
    """
    if trick.probability == 0:
        return images
    from autotrick.augment import engine

    chosen = run.stream(trick.name).uniform(run.update, samples, 1)[:, 0] < trick.probability
    codes = np.where(chosen, OPERATIONS.index(operation), IDENTITY)[:, None]
    return engine.apply(images, codes, np.full(codes.shape, magnitude))
