"""Images with one, two or three bright dots."""

import numpy as np
from numpy.typing import NDArray


def dots(count: int = 240) -> dict[str, object]:
    """Return images with one, two or three dots, and how many there are."""
    return {
        "train": _split(count, seed=0),
        "test": _split(count // 4, seed=1),
        "classes": ["one", "two", "three"],
    }


def _split(count: int, seed: int) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    rng = np.random.default_rng(seed)
    labels = np.arange(count) % 3
    images = rng.integers(0, 60, (count, 12, 12), dtype=np.uint8)
    for image, label in zip(images, labels, strict=True):
        for _ in range(label + 1):
            top, left = rng.integers(0, 10, 2)
            image[top : top + 3, left : left + 3] = 230
    return images, labels
