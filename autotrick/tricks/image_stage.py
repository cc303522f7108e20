"""Run the stage `on_images`: pass a batch of pictures through all tricks that use it."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from autotrick.errors import TrickError
from autotrick.tricks.base import Pictures, Run, Trick


def augment(
    pictures: Pictures, tricks: Iterable[Trick], samples: NDArray[np.int64], run: Run
) -> Pictures:
    """Return the pictures after applying each trick in turn; they are changed in place.

    Args:
        pictures: A batch of N.
        tricks: Tricks with an `on_images` stage, in order.
        samples: (N,) row numbers in the training split.

    Raises:
        TrickError: The pictures have masks that a trick cannot handle (`Trick.without_masks`).
    """
    for trick in tricks:
        if pictures.masks is not None and trick.without_masks:
            raise TrickError(
                f"{trick.name}: cannot act on images with masks: {trick.without_masks}. Leave it out."
            )
        pictures = trick.on_images(pictures, samples, run)
    return pictures
