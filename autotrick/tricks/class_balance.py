"""Class balance: visit rare classes more often.

A class of n images gets a share of the epoch proportional to n^power: 1 keeps the natural
frequencies, 0 makes all classes equal, 0.5 uses the square root. The length of the epoch does not
change: images of frequent classes take turns, and images of rare classes appear several times with
separate augmentation draws.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from autotrick.domain import Float
from autotrick.tricks.base import Run, Trick, setting
from autotrick.tricks.papers import KANG_2020_LONG_TAILED
from autotrick.tricks.rules import Range


@dataclass(frozen=True, kw_only=True)
class ClassBalance(Trick):
    """Visit images of rare classes more often, up to equal shares."""

    name = "class_balance"
    tasks = frozenset({"classification"})
    excludes = {
        "class_weights": "both compensate for rare classes, and together they overcompensate"
    }
    papers = (KANG_2020_LONG_TAILED,)
    position = 20
    expert = False

    power: float = setting(
        0.0,
        "Exponent of the class size in its share of the epoch, in [0, 1]: 1 is off.",
        search=Float(0.0, 0.75),
        neutral=1.0,
        rule=Range(0, 1),
    )

    def on_order(self, order: NDArray[np.int64], run: Run) -> NDArray[np.int64]:
        labels = run.labels[order % len(run.labels)]
        wanted = shares(np.bincount(labels, minlength=run.classes), self.power)
        rounds = [
            _repeated(order[labels == label], count, len(run.labels))
            for label, count in enumerate(wanted.tolist())
            if count
        ]
        rng = run.stream(self.name).generator(run.epoch)
        shuffled: NDArray[np.int64] = rng.permutation(np.concatenate(rounds))
        return shuffled


def shares(counts: NDArray[np.int64], power: float) -> NDArray[np.int64]:
    """Return the (K,) number of visits to each class; they sum to the number of images.

    Args:
        counts: (K,) images of each class.
        power: In [0, 1]. The largest remainders are rounded up until the sum is right.
    """
    raw = np.where(counts > 0, counts.astype(np.float64) ** power, 0.0)
    exact = raw * counts.sum() / raw.sum()
    whole: NDArray[np.int64] = np.floor(exact).astype(np.int64)
    left = int(counts.sum() - whole.sum())
    whole[np.argsort(whole - exact, kind="stable")[:left]] += 1
    return whole


def _repeated(members: NDArray[np.int64], count: int, size: int) -> NDArray[np.int64]:
    """Return this many visits to the members in turn; each further round is a further copy."""
    turn = np.arange(count)
    visits: NDArray[np.int64] = members[turn % len(members)] + turn // len(members) * size
    return visits
