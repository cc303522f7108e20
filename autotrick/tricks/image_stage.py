"""The stage `on_images`: a batch of pictures through all tricks that act there."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from autotrick.errors import TrickError
from autotrick.tricks.base import Pictures, Run, Trick


def augment(
    pictures: Pictures, tricks: Iterable[Trick], samples: NDArray[np.int64], run: Run
) -> Pictures:
    """Return the pictures after each trick in turn; they are changed in place.

    Args:
        pictures: A batch of N.
        tricks: Those that act in `on_images`, in order.
        samples: (N,) row numbers in the training split.

    Raises:
        TrickError: The pictures have masks, and a trick cannot act on these (`Trick.without_masks`).
    """
    for trick in tricks:
        if pictures.masks is not None and trick.without_masks:
            raise TrickError(
                f"{trick.name}: cannot act on images with masks: {trick.without_masks}. Leave it out."
            )
        pictures = trick.on_images(pictures, samples, run)
    return pictures
