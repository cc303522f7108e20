"""Curriculum: start with the easy images.

An image is easy if it lies closer to the mean image of its own class than to that of any other class.
The easiest share of each class is shown first; the share grows from `start` to all images over
`length`. The length of an epoch does not change, so easy images appear several times at first, with
separate draws. `hard` starts with the hardest images and `random` with a random choice, which Wu et
al. (2021) found hard to beat. Differs: the paper grades its own synthetic shapes; the difficulty of a
photograph has to be estimated.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from autotrick.domain import Choice, Float
from autotrick.tricks.base import Images, Run, Trick, setting
from autotrick.tricks.papers import BENGIO_2009_CURRICULUM, WU_2021_WHEN_DO_CURRICULA_WORK
from autotrick.tricks.rules import Options, Range

_CHUNK = 1024
_VALUES = 2**24
"Limit the pixel values compared at a time, as 8 bytes each."


@dataclass(frozen=True, kw_only=True)
class Curriculum(Trick):
    """Show the easiest images of each class first, then gradually add the others."""

    name = "curriculum"
    tasks = frozenset({"classification"})
    papers = (BENGIO_2009_CURRICULUM, WU_2021_WHEN_DO_CURRICULA_WORK)
    position = 15
    expert = False

    start: float = setting(
        0.3,
        "Share of each class shown at the start, in (0, 1]: 1 is off.",
        search=Float(0.1, 0.8),
        neutral=1.0,
        rule=Range(0, 1, open_low=True),
    )
    length: float = setting(
        0.5,
        "Share of all epochs over which the other images are added, in [0, 1].",
        search=Float(0.2, 0.8),
        rule=Range(0, 1),
    )
    first: str = setting(
        "easy",
        "Images shown first: easy, hard or random.",
        search=Choice(("easy", "hard", "random")),
        rule=Options("easy", "hard", "random"),
    )

    def on_order(self, order: NDArray[np.int64], run: Run) -> NDArray[np.int64]:
        behind = run.epoch / (self.length * run.recipe.epochs) if self.length else 1.0
        share = self.start + (1 - self.start) * min(1.0, behind)
        if share >= 1:
            return order
        places = self._ranks(run)[order % len(run.labels)]
        # A class of few images may have none in the first share.
        shown: NDArray[np.int64] = order[(places < share) | (places == places.min())]
        turn = np.arange(len(order))
        return shown[turn % len(shown)] + turn // len(shown) * len(run.labels)

    def _ranks(self, run: Run) -> NDArray[np.float64]:
        """Return each image's (N,) rank within its class in [0, 1); 0 is shown first."""
        scratch = run.scratch.setdefault(self.name, {})
        if "ranks" not in scratch:
            if self.first == "random":
                hardness = run.stream(self.name).generator().random(len(run.labels))
            else:
                hardness = distances(run.images, run.labels, run.classes)
            scratch["ranks"] = ranks(hardness * (-1 if self.first == "hard" else 1), run.labels)
        found: NDArray[np.float64] = scratch["ranks"]
        return found


def distances(images: Images, labels: NDArray[np.int64], classes: int) -> NDArray[np.float64]:
    """Return (N,) distances to the own class's mean minus those to the nearest other class's.

    Distances are squared, in grey levels; the result is 0 if there is no other class.

    Args:
        images: (N, H, W, C) uint8.
        labels: (N,)
        classes: K.
    """
    flat = images.reshape(len(images), -1)
    present = np.unique(labels)
    means = np.full((classes, flat.shape[1]), np.inf)
    count = max(1, min(_CHUNK, _VALUES // flat.shape[1]))
    for label in present:
        rows_of = np.flatnonzero(labels == label)
        # Integer sums are exact, so the split into parts does not change them.
        parts = np.split(rows_of, range(count, len(rows_of), count))
        means[label] = sum(flat[part].sum(0, dtype=np.float64) for part in parts) / len(rows_of)
    found = np.empty(len(flat))
    for start in range(0, len(flat), count):
        rows = slice(start, start + count)
        chunk = flat[rows].astype(np.float64)
        far = np.full((len(chunk), classes), np.inf)
        for label in present:
            far[:, label] = ((chunk - means[label]) ** 2).sum(1)
        own = np.arange(len(chunk)), labels[rows]
        near = far[own]
        far[own] = np.inf
        other = far.min(1)
        found[rows] = np.where(np.isfinite(other), near - other, 0.0)
    return found


def ranks(hardness: NDArray[np.float64], labels: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return each sample's (N,) rank within its class, in [0, 1)."""
    found = np.empty(len(labels))
    for label in np.unique(labels):
        members = np.flatnonzero(labels == label)
        order = np.argsort(hardness[members], kind="stable")
        found[members[order]] = np.arange(len(members)) / len(members)
    return found
