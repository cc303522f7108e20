"""Carve a validation split off the training images."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from autotrick.data.dataset import Labels
from autotrick.data.labels import shown
from autotrick.errors import DataError
from autotrick.random_streams import Stream


def carve(
    labels: Labels, share: float, *, seed: int, classes: Sequence[str], name: str = "validation"
) -> NDArray[np.bool_]:
    """Return an (N,) mask of the rows to carve off: the share of every class, at least one image.

    An integer hash of (seed, name, row) picks the rows: the same ones on every machine.

    Args:
        labels: (N,) class numbers in [0, K).
        share: In (0, 1).
        seed: Decides which rows.
        classes: Their K names, for the message.
        name: Of the split; another name picks other rows.

    Raises:
        DataError: A class has a single image, which cannot be on both sides.
    """
    order = Stream(seed, f"split.{name}").bits(0, np.arange(len(labels)), 1)[:, 0]
    taken = np.zeros(len(labels), bool)
    for number, label in enumerate(classes):
        rows = np.flatnonzero(labels == number)
        if len(rows) == 1:
            raise DataError(
                f"class {shown(label)} has 1 image, but a {name} split is to be carved off, which takes "
                "2 of every class. Add images, drop the class, or bring a split of your own."
            )
        if len(rows):
            count = min(max(int(len(rows) * share + 0.5), 1), len(rows) - 1)
            taken[rows[np.argsort(order[rows], kind="stable")[:count]]] = True
    return taken
