"""Find images that are nearly the same on both sides of a split: saved again, resized, brightened.

Every image is shrunk to 8x8 grey values, whose brightness and contrast are taken out. Of each image
on one side the most similar one on the other side is found by one matrix product, 60,000 images by 10,000
in a few seconds. That pair is then compared at full size: the two are near-duplicates if their pixels
correlate by at least ALIKE, or by more where images of different classes are alike too, as small digits are:
they must differ twenty times less than the nearest images of different classes usually do. Two photographs
of one thing are not found, nor is a shifted or turned copy.

The correlation of normalised pixels is the usual measure of template matching; see also Barz, Denzler,
"Do We Train on Test Data? Purging CIFAR of Near-Duplicates", 2020. https://arxiv.org/abs/1902.00423
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from autotrick.data.dataset import Images, Labels

SIDE = 8
"""Side of the thumbnails in pixels."""
CANDIDATE = 0.98
"""Least correlation of two thumbnails for a comparison at full size."""
ALIKE = 0.98
"""Least correlation of two images that are near-duplicates."""
FRACTION = 1 / 20
"""Of the usual distance between the nearest images of different classes, most that near-duplicates differ by."""
MOST_PAIRS = 2 * 10**9
"""Pairs of images that are compared; of more, a regular sample of the second side is."""
_FLAT = 2.0
"""Least standard deviation of pixels, of 255: images of one colour resemble nothing."""
_BLOCK = 2048
_SAMPLE = 500
"""Images whose nearest of another class is looked for."""

Thumbnails = NDArray[np.uint8]
"""(N, SIDE * SIDE) mean grey values."""
Picture = Callable[[int], Images]
"""Returns the (H, W, C) uint8 pixels of a row."""


def thumbnails(images: Images) -> Thumbnails:
    """Return the thumbnails of (N, H, W, C) images."""
    count, height, width, channels = images.shape
    rows, columns = _edges(height), _edges(width)
    sums = np.add.reduceat(images, rows, axis=1, dtype=np.uint32)
    sums = np.add.reduceat(sums.sum(axis=3, dtype=np.uint32), columns, axis=2)
    sizes = np.outer(np.diff(rows, append=height), np.diff(columns, append=width))
    small = sums / (np.maximum(sizes, 1) * channels)
    found: Images = np.rint(small).astype(np.uint8).reshape(count, -1)
    return found


def _edges(length: int) -> NDArray[np.int64]:
    """Return where the cells of a side begin; a short side has a cell for each pixel."""
    return np.unique(np.arange(SIDE) * length // SIDE)


def near_duplicates(
    ours: Thumbnails,
    theirs: Thumbnails,
    our: Picture,
    their: Picture,
    labels: tuple[Labels, Labels] | None = None,
) -> tuple[list[tuple[int, int]], int]:
    """Return pairs of rows whose images are nearly the same, and how many of `theirs` were compared.

    Args:
        ours: Of the images that are trained on.
        theirs: Of the images that are looked for among them; each is in one pair at most.
        our: Returns an image of the first side.
        their: Returns an image of the second side.
        labels: (N,) class numbers of both sides; None where targets are not classes.

    Returns:
        (row of theirs, row of ours), in the order of the former.
    """
    step = max(1, -(-len(ours) * len(theirs) // MOST_PAIRS))
    looked = np.arange(0, len(theirs), step)
    if not len(ours) or not len(looked):
        return [], 0
    first, second = _normal(ours), _normal(theirs[looked])
    alike = ALIKE if labels is None else _alike(first, second, (labels[0], labels[1][looked]))
    found = []
    for start in range(0, len(looked), _BLOCK):
        nearest, similar = _nearest(first, second[start : start + _BLOCK])
        for i in np.flatnonzero(similar >= CANDIDATE):
            row, other = int(looked[start + i]), int(nearest[i])
            if correlation(our(other), their(row)) >= alike:
                found.append((row, other))
    return found, len(looked)


def _alike(
    first: NDArray[np.float32], second: NDArray[np.float32], labels: tuple[Labels, Labels]
) -> float:
    """Return the least correlation of near-duplicates, by how alike images of different classes are."""
    nearest = []
    for row in range(0, len(second), max(1, len(second) // _SAMPLE)):
        others = labels[0] != labels[1][row]
        if others.any():
            nearest.append(float((first @ second[row])[others].max()))
    usual = 1 - float(np.median(nearest)) if nearest else 1.0
    return max(ALIKE, 1 - FRACTION * usual)


def _nearest(
    ours: NDArray[np.float32], theirs: NDArray[np.float32]
) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """Return for each of `theirs` the row of ours with the largest correlation, and that."""
    best = np.full(len(theirs), -1, np.float32)
    rows = np.zeros(len(theirs), np.int64)
    for start in range(0, len(ours), _BLOCK):
        products = theirs @ ours[start : start + _BLOCK].T
        here = products.argmax(axis=1)
        value = products[np.arange(len(theirs)), here]
        better = value > best
        best[better], rows[better] = value[better], here[better] + start
    return rows, best


def _normal(small: Thumbnails) -> NDArray[np.float32]:
    """Return thumbnails with mean 0 and length 1; zeros where an image has one colour."""
    values = small.astype(np.float32)
    values -= values.mean(axis=1, keepdims=True)
    lengths = np.linalg.norm(values, axis=1, keepdims=True)
    flat = lengths < _FLAT * np.sqrt(values.shape[1])
    scaled: NDArray[np.float32] = np.where(flat, 0, values / np.where(flat, 1, lengths))
    return scaled


def correlation(one: Images, other: Images) -> float:
    """Return the correlation of the pixels of two images of one shape, 0 where one has one colour."""
    first, second = (each.astype(np.float32).ravel() for each in (one, other))
    first -= first.mean()
    second -= second.mean()
    lengths = float(np.linalg.norm(first)), float(np.linalg.norm(second))
    if min(lengths) < _FLAT * np.sqrt(first.size):
        return 0.0
    return float(first @ second) / (lengths[0] * lengths[1])
