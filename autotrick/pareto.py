"""Pareto fronts: compare trials by several measures.

Points are tuples in which larger is better; measures to minimise come negated.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Point = tuple[float, ...]


def front(points: Sequence[Point]) -> list[int]:
    """Return the indices of the points that no other dominates, in order; equal ones are all kept.

    A point dominates another where it is nowhere lower and somewhere higher.
    """
    return [] if not points else _front(np.asarray(points, np.float64))


def order(points: Sequence[Point]) -> list[int]:
    """Return the indices of the points, the best first.

    Non-dominated sorting, then an epsilon-net within each front: first the point that is highest in
    the first measure, then always the one farthest from those taken, each measure scaled to the
    range of the front. Any number of leading points so stands for its front (Schmucker, Donini,
    Zafar, Salinas, Archambeau, "Multi-objective Asynchronous Successive Halving", 2021.
    https://arxiv.org/abs/2106.12639). With one measure this is sorting.

    Differs: the paper begins a front with a random point.
    """
    values = np.asarray(points, np.float64)
    left, found = np.arange(len(points)), []
    while len(left):
        best = left[_front(values[left])]
        found += best[_spread(values[best])].tolist()
        left = np.setdiff1d(left, best)
    return found


def _front(values: NDArray[np.float64]) -> list[int]:
    # Lexicographically the highest point is dominated by none; what it dominates is dropped.
    left = np.lexsort(tuple(-column for column in values.T[::-1]))
    found: list[int] = []
    while len(left):
        first = values[left[0]]
        same = (values[left] == first).all(axis=1)
        found += left[same].tolist()
        left = left[(values[left] > first).any(axis=1) & ~same]
    return sorted(found)


def _spread(values: NDArray[np.float64]) -> list[int]:
    """Return an order of a front's points in which any beginning is spread over all of it."""
    span = np.ptp(values, axis=0)
    scaled = (values - values.min(axis=0)) / np.where(span > 0, span, 1.0)
    taken = [int(np.argmax(scaled[:, 0]))]
    distance = np.full(len(values), np.inf)
    while len(taken) < len(values):
        distance = np.minimum(distance, np.linalg.norm(scaled - scaled[taken[-1]], axis=1))
        distance[taken] = -1.0
        taken.append(int(np.argmax(distance)))
    return taken
