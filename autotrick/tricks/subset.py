"""Subset: train on a part of the images with the same share of every class.

The paper compares pruning with this random subset.

The seed decides once which images to keep; every class keeps at least one. Epochs are shorter by the
same share. This allows comparing a recipe's other settings at a fraction of the cost.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from autotrick.domain import Float
from autotrick.tricks.base import Run, Trick, setting
from autotrick.tricks.papers import SORSCHER_2022_PRUNING
from autotrick.tricks.rules import Range


@dataclass(frozen=True, kw_only=True)
class Subset(Trick):
    """Train on a fixed random part of the images, stratified by class."""

    name = "subset"
    tasks = frozenset({"classification"})
    papers = (SORSCHER_2022_PRUNING,)
    position = 10
    expert = False
    cost = 0.5

    fraction: float = setting(
        0.5,
        "Share of images to keep, in (0, 1]: 1 is off.",
        search=Float(0.1, 1.0),
        neutral=1.0,
        rule=Range(0, 1, open_low=True),
    )

    def on_order(self, order: NDArray[np.int64], run: Run) -> NDArray[np.int64]:
        kept = chosen(run.labels, self.fraction, run.stream(self.name).generator())
        return order[kept[order % len(run.labels)]]


def chosen(
    labels: NDArray[np.int64], fraction: float, rng: np.random.Generator
) -> NDArray[np.bool_]:
    """Return (N,) booleans of the samples to keep: this share of each class, rounded, at least one."""
    shuffled = rng.permutation(len(labels))
    kept = np.zeros(len(labels), bool)
    for label in np.unique(labels):
        members = shuffled[labels[shuffled] == label]
        kept[members[: max(1, round(fraction * len(members)))]] = True
    return kept
