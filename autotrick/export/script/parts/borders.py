"""What stands outside an image: each function says which row (or column) a position shows.

A position is any whole number, a row one of `size`; -1 is black.
"""

import numpy as np

from autotrick.export.script.parts.streams import Array


def black(position: Array, size: int) -> Array:
    """Nothing stands outside."""
    return np.where((position >= 0) & (position < size), position, -1)


def edge(position: Array, size: int) -> Array:
    """The outermost pixels go on."""
    return position.clip(0, size - 1)


def reflect(position: Array, size: int) -> Array:
    """The image is mirrored at its outermost pixels."""
    position = position % max(1, 2 * (size - 1))
    return np.minimum(position, 2 * (size - 1) - position)


def symmetric(position: Array, size: int) -> Array:
    """The image is mirrored at its edge."""
    position = position % (2 * size)
    return np.minimum(position, 2 * size - 1 - position)


def wrap(position: Array, size: int) -> Array:
    """The image is repeated."""
    return position % size
