"""Apply one policy operation to some images of a batch, for tricks that consist of it."""

from __future__ import annotations

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from autotrick.augment.plans import IDENTITY
from autotrick.augment.policies import OPERATIONS
from autotrick.tricks.base import Pictures, Run


class Toning(Protocol):
    """Apply one operation to an image with some probability."""

    @property
    def name(self) -> str: ...
    @property
    def probability(self) -> float: ...


def toned(
    trick: Toning,
    pictures: Pictures,
    samples: NDArray[np.int64],
    run: Run,
    operation: str,
    magnitude: float = 0.0,
) -> Pictures:
    """Apply an operation to randomly chosen pictures, in place.

    Args:
        pictures: A batch of N.
        samples: (N,) row numbers, which address the draws.
        operation: One of `policies.OPERATIONS`.
        magnitude: Magnitude in the operation's own unit, as `Pictures.apply` takes it.
    """
    if trick.probability == 0:
        return pictures

    chosen = run.stream(trick.name).uniform(run.update, samples, 1)[:, 0] < trick.probability
    codes = np.where(chosen, OPERATIONS.index(operation), IDENTITY)[:, None]
    return pictures.apply(codes, np.full(codes.shape, magnitude))
