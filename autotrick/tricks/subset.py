"""Subset: train on a part of the images, the same share of every class.

Sorscher, Geirhos, Shekhar, Ganguli, Morcos, "Beyond neural scaling laws: beating power law scaling
via data pruning", NeurIPS 2022, compare pruning with the random subset that this is.
https://arxiv.org/abs/2206.14486

The seed decides once which images stay; every class keeps at least one. An epoch is shorter by the
same share. A recipe's other settings then compare at a fraction of the cost.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from autotrick.domain import Float
from autotrick.tricks.base import Paper, Run, Trick, setting


@dataclass(frozen=True, kw_only=True)
class Subset(Trick):
    """Train on a fixed random part of the images, stratified by class."""

    name = "subset"
    tasks = frozenset({"classification"})
    papers = (
        Paper(
            "Beyond neural scaling laws: beating power law scaling via data pruning",
            "Sorscher, Geirhos, Shekhar, Ganguli, Morcos",
            2022,
            "https://arxiv.org/abs/2206.14486",
        ),
    )
    position = 10
    expert = False
    cost = 0.5

    fraction: float = setting(
        0.5,
        "Share of the images that stay, in (0, 1]: 1 is off.",
        search=Float(0.1, 1.0),
        neutral=1.0,
        rule="0 < fraction <= 1",
        accepts=lambda fraction: 0 < fraction <= 1,
    )

    def on_order(self, order: NDArray[np.int64], run: Run) -> NDArray[np.int64]:
        if self.fraction == 1:
            return order
        kept = chosen(run.labels, self.fraction, run.stream(self.name).generator())
        return order[kept[order % len(run.labels)]]


def chosen(
    labels: NDArray[np.int64], fraction: float, rng: np.random.Generator
) -> NDArray[np.bool_]:
    """Return (N,): whether a sample stays; of each class the share, rounded, and one at least."""
    shuffled = rng.permutation(len(labels))
    kept = np.zeros(len(labels), bool)
    for label in np.unique(labels):
        members = shuffled[labels[shuffled] == label]
        kept[members[: max(1, round(fraction * len(members)))]] = True
    return kept
