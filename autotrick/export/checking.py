"""Check that an exported program predicts what the network predicts, on real images."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from math import inf, isnan
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from autotrick.data import Split

IMAGES = 1000
"""Most images of a check."""
_RANDOM = 64
_BATCH = 100
_TOLERANCE = 1e-3
"""Largest difference of logits, relative to the largest logit, of a program that counts as equal.

Rounding in float32 gives 1e-7 to 1e-5; 1e-3 has another reason, such as an operation that a
converter got wrong.
"""


@dataclass(frozen=True, slots=True)
class Pictures:
    """Images that programs are checked on.

    Attributes:
        images: (N, H, W, C) uint8.
        labels: (N, ...) their targets; None for random pixels.
        what: What they are, in words.
    """

    images: NDArray[np.uint8]
    labels: NDArray[Any] | None
    what: str


@dataclass(frozen=True, slots=True)
class Check:
    """How far a program agrees with the network.

    Attributes:
        images: Number of images.
        same_top1: How many of them get the same class; None where outputs are not classes.
        largest_difference: Of all logits.
        largest_logit: Largest absolute logit of the network, to compare with.
    """

    images: int
    same_top1: int | None
    largest_difference: float
    largest_logit: float

    @property
    def agrees(self) -> bool:
        """Whether the difference is one of rounding."""
        return self.largest_difference <= _TOLERANCE * self.largest_logit

    def to_json(self) -> dict[str, Any]:
        """Return it as plain JSON values."""
        return asdict(self)

    def __str__(self) -> str:
        """Return it as a clause."""
        same = f"same class for {self.same_top1:,} of {self.images:,} images, "
        start = f"{self.images:,} images, " if self.same_top1 is None else same
        return (
            f"{start}logits differ by at most {self.largest_difference:.2g} (the largest is "
            f"{self.largest_logit:.3g})"
        )


def pictures_of(split: Split | None, shape: tuple[int, int, int]) -> Pictures:
    """Return images to check on: evenly spread over a split; random pixels if there is none.

    Args:
        shape: (H, W, C) of the images.
    """
    if split is None or not len(split):
        drawn = np.random.default_rng(0).integers(0, 256, (_RANDOM, *shape), np.uint8)
        return Pictures(drawn, None, "images of random pixels, because the data set is not there")
    rows = np.unique(np.linspace(0, len(split) - 1, IMAGES).astype(np.int64))
    return Pictures(split.images[rows], split.labels[rows], "images of the validation split")


def outputs(
    run: Callable[[Tensor], Tensor],
    normalised: Callable[[NDArray[np.uint8]], Tensor],
    pictures: Pictures,
) -> Tensor:
    """Return (N, K, ...) logits of all pictures, batch by batch; the last batch may be smaller.

    Args:
        normalised: Turns (N, H, W, C) uint8 into the program's input.
    """
    with torch.no_grad():
        return torch.cat(
            [run(normalised(batch).contiguous()).float() for batch in _batches(pictures)]
        )


def compare(expected: Tensor, found: Tensor) -> Check:
    """Return how far two (N, K, ...) tensors of logits agree."""
    if expected.shape != found.shape:
        return Check(len(expected), 0, inf, float(expected.abs().max()))
    classes = expected.ndim == 2 and expected.shape[1] > 1
    top = int((expected.argmax(1) == found.argmax(1)).sum()) if classes else None
    difference = float((expected - found).abs().max())
    largest = float(expected.abs().max())
    # NaN would compare as no difference, and JSON has none.
    return Check(len(expected), top, inf if isnan(difference) else difference, largest)


def _batches(pictures: Pictures) -> Iterator[NDArray[np.uint8]]:
    for start in range(0, len(pictures.images), _BATCH):
        yield pictures.images[start : start + _BATCH]
