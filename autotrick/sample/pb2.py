"""Settings that a time-varying bandit suggests: how PB2 explores instead of drawing at random.

Parker-Holder, Nguyen, Roberts, "Provably Efficient Online Hyperparameter Optimization with
Population-Based Bandits", NeurIPS 2020. https://arxiv.org/abs/2002.02518
The kernel over time is that of Bogunovic, Scarlett, Cevher, "Time-Varying Gaussian Process Bandit
Optimization", AISTATS 2016; that over choices counts those that are equal, as in Parker-Holder et
al., "Tuning Mixed Input Hyperparameters on the Fly for Efficient Population Based AutoRL", NeurIPS
2021.

Differs: gains are compared within their generation, because all gain less the longer they train; the
kernel's parameters are the likeliest of a small grid, so that an optimiser's last digit decides
nothing; and the best of many random points stands for the maximum.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby, product
from math import log

import numpy as np
from numpy.typing import NDArray

from autotrick.domain import Choice, Float, Scalar, from_unit, to_unit
from autotrick.random_streams import key_of
from autotrick.recipe import Recipe
from autotrick.sample.perturb import explorable
from autotrick.sample.unit_cube import UnitCube
from autotrick.space import SearchSpace

_POINTS = 2000
_SCALES = (0.1, 0.2, 0.4, 0.8, 1.6)
_FORGOTTEN = (0.0, 0.05, 0.2, 0.5)
_NOISES = (0.01, 0.1, 0.5)
_LAST = 1 - 1e-9

_Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Gain:
    """The gain of a population member over one interval.

    Attributes:
        recipe: Its recipe in that interval, without a course.
        generation: Which interval, counted from 1.
        before: Its objective value at the interval's beginning; 0 at the start of training.
        after: Its objective value at the end.
    """

    recipe: Recipe
    generation: int
    before: float
    after: float


def pb2_suggest(
    space: SearchSpace,
    parent: Recipe,
    gains: Sequence[Gain],
    *,
    now: Gain,
    pending: Iterable[Recipe] = (),
    seed: int,
) -> dict[str, float]:
    """Return the settings of a copy with the highest upper confidence bound of the next gain.

    Empty if nothing may change.

    Args:
        parent: The recipe that is copied, without a course.
        gains: Those of all members in all intervals so far.
        now: The parent's gain in the last interval, which is one of them.
        pending: Recipes suggested for the same interval, whose gains are not known yet.
        seed: Decides the candidate points.
    """
    axes = explorable(space, parent)
    if not axes:
        return {}
    shape = _Shape(space, axes)
    value, start = _within_generations(gains)
    known = _Points(
        shape.numbers([gain.recipe for gain in gains], start),
        shape.choices([gain.recipe for gain in gains]),
        np.array([float(gain.generation) for gain in gains]),
    )
    rng = np.random.default_rng(key_of(seed, "bandit"))
    units = rng.random((_POINTS, len(axes)))
    ahead = _level(gains, now)
    candidates = known.next(
        np.column_stack([units, np.full(_POINTS, ahead)]), shape.choices([parent]), now
    )
    waiting = list(pending)
    expected = known.next(
        shape.numbers(waiting, np.full(len(waiting), ahead)), shape.choices(waiting), now
    )
    best = units[int(np.argmax(_bound(known, value, expected, candidates)))]
    return {
        name: float(from_unit(axis, min(float(u), _LAST)))
        for (name, axis), u in zip(axes.items(), best, strict=True)
    }


@dataclass(frozen=True, slots=True)
class _Points:
    """Points that the bandit compares.

    Attributes:
        numbers: (N, D) unit coordinates in [0, 1] of the settings, and last of the value at the interval's
            beginning.
        choices: (N, C) numbers that name options.
        times: (N,) generations.
    """

    numbers: _Array
    choices: NDArray[np.int64]
    times: _Array

    def next(self, numbers: _Array, choices: NDArray[np.int64], now: Gain) -> "_Points":
        """Return points of the interval after `now`."""
        rows = len(numbers)
        repeated = np.broadcast_to(choices, (rows, choices.shape[1])) if rows else choices
        return _Points(numbers, repeated, np.full(rows, now.generation + 1.0))

    def joined(self, other: "_Points") -> "_Points":
        return _Points(
            np.concatenate([self.numbers, other.numbers]),
            np.concatenate([self.choices, other.choices]),
            np.concatenate([self.times, other.times]),
        )


class _Shape:
    """Recipes as numbers: the settings that may change, and the choices that differ."""

    def __init__(self, space: SearchSpace, axes: dict[str, Float]) -> None:
        self._space, self._axes = space, axes
        self._box = box = UnitCube(space)
        self._options = {
            name: {option: i for i, option in enumerate(axis.options)}
            for name, axis in box.axes.items()
            if isinstance(axis, Choice)
        }

    def numbers(self, recipes: Sequence[Recipe], start: _Array) -> _Array:
        rows = [
            [to_unit(axis, float(point[name])) for name, axis in self._axes.items()]
            for point in map(self._point, recipes)
        ]
        return np.column_stack([np.reshape(rows, (len(recipes), len(self._axes))), start])

    def choices(self, recipes: Sequence[Recipe]) -> NDArray[np.int64]:
        rows = [
            [known[point[name]] for name, known in self._options.items()]
            for point in map(self._point, recipes)
        ]
        return np.reshape(np.array(rows, np.int64), (len(recipes), len(self._options)))

    def _point(self, recipe: Recipe) -> dict[str, Scalar]:
        return self._box.point(recipe, self._space.answers(recipe))


def _within_generations(gains: Sequence[Gain]) -> tuple[_Array, _Array]:
    """Return (N,) standardised gains and (N,) beginnings in [0, 1], each within its generation."""
    value, start = np.zeros(len(gains)), np.zeros(len(gains))
    by_time = sorted(range(len(gains)), key=lambda i: gains[i].generation)
    for _, same in groupby(by_time, key=lambda i: gains[i].generation):
        rows = list(same)
        before = np.array([gains[i].before for i in rows])
        value[rows] = _standard(np.array([gains[i].after for i in rows]) - before)
        start[rows] = _between(before, before)
    return value, start


def _standard(values: _Array) -> _Array:
    spread = float(values.std())
    return (values - values.mean()) / spread if spread > 0 else np.zeros(len(values))


def _between(values: _Array, ends: _Array) -> _Array:
    """Return values as shares between the least and the largest of `ends`, in [0, 1]."""
    low, high = float(ends.min()), float(ends.max())
    return (values - low) / (high - low) if high > low else np.full(len(values), 0.5)


def _level(gains: Sequence[Gain], now: Gain) -> float:
    """Return the parent's share in its generation, at the beginning of the next interval."""
    same = np.array([gain.after for gain in gains if gain.generation == now.generation])
    return float(_between(np.array([now.after]), same)[0])


def _bound(known: _Points, value: _Array, pending: _Points, asked: _Points) -> _Array:
    """Return (M,) upper confidence bounds; pending points make their surroundings less uncertain."""
    scale, forgotten, noise = max(
        product(_SCALES, _FORGOTTEN, _NOISES), key=lambda one: _likelihood(known, value, one)
    )
    cov = _kernel(known, known, scale, forgotten) + noise * np.eye(len(value))
    weights = np.linalg.solve(cov, value)
    variance = max(float(value @ weights) / len(value), 1e-12)
    mean = _kernel(asked, known, scale, forgotten) @ weights
    both = known.joined(pending)
    cov = _kernel(both, both, scale, forgotten) + noise * np.eye(len(both.times))
    across = _kernel(asked, both, scale, forgotten)
    left = 1.0 - np.einsum("ij,ji->i", across, np.linalg.solve(cov, across.T))
    # The authors' own constants.
    beta = 0.2 + max(0.0, log(0.4 * len(value)))
    bound: _Array = mean + np.sqrt(beta * variance * np.maximum(left, 0.0))
    return bound


def _likelihood(known: _Points, value: _Array, numbers: tuple[float, float, float]) -> float:
    """Return the log marginal likelihood at the likeliest variance, without its constant."""
    scale, forgotten, noise = numbers
    cov = _kernel(known, known, scale, forgotten) + noise * np.eye(len(value))
    variance = max(float(value @ np.linalg.solve(cov, value)) / len(value), 1e-12)
    return -0.5 * (len(value) * log(variance) + float(np.linalg.slogdet(cov)[1]))


def _kernel(a: _Points, b: _Points, scale: float, forgotten: float) -> _Array:
    """Return (N, M) covariances of points, as shares of the variance."""
    away = ((a.numbers[:, None, :] - b.numbers[None, :, :]) ** 2).sum(axis=2)
    found: _Array = np.exp(-0.5 * away / scale**2)
    found = found * (1 - forgotten) ** (np.abs(a.times[:, None] - b.times[None, :]) / 2)
    if a.choices.shape[1]:
        found = found * (a.choices[:, None, :] == b.choices[None, :, :]).mean(axis=2)
    return found
