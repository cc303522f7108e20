"""Paired differences over seeds whose intervals hold however often one looks.

Recipes are trained with the same seeds, and after each seed one may look and stop. The intervals here are
repeated confidence intervals (Jennison and Turnbull, "Interim analyses: the repeated confidence interval
approach", Journal of the Royal Statistical Society B, 1989): the true difference lies in all of a recipe's
intervals at once, from the second seed to the last, with 95 %. So one may stop for any reason.

What may be spent of the 5 % by a share t of the seeds is 5 % t^2 (Kim and DeMets, "Design and analysis of
group sequential tests based on the type I error spending rate function", Biometrika, 1987). The bounds
are those of a normal walk; their levels are then applied to Student's t (Pocock, "Group sequential methods
in the design and analysis of clinical trials", Biometrika, 1977).

Two or three seeds say little about the spread of a difference. So its variance is drawn towards that of all
recipes of the study, as if that were worth three more degrees of freedom (Smyth, "Linear models and
empirical Bayes methods for assessing differential expression in microarray experiments", Statistical
Applications in Genetics and Molecular Biology, 2004, with a fixed weight). A recipe that spreads far more
than the others stands for itself. `tests/design/test_sequential.py` holds the coverage to 95 % and to 90 %
where recipes spread differently.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from math import sqrt
from statistics import NormalDist

import numpy as np

from autotrick.design.regression import Array, t_quantile

Rounds = Sequence[Mapping[str, float | None]]
"""Values by label, one mapping for each seed; None where a trial failed."""

FIRST = 2
"""Seeds before the first look: one says nothing of its spread."""

ALPHA = 0.05
_POWER = 2.0
_STUDENT = 0.82
"""Share of the 5 % that the normal walk may spend: Student's t of few seeds wanders further, and a recipe
alone with its reference would miss too often. `tests/design/test_sequential.py` counts how often it does."""
_PRIOR_FREEDOM = 3.0
_WILD = 20.0
"""Times the median variance above which a recipe's differences say nothing about those of others: of equal
recipes one in four hundred is so far up with two seeds."""
_STEP = 0.02


@dataclass(frozen=True, slots=True)
class PairedDifference:
    """By how much a recipe is better than another one over the seeds that both have.

    Attributes:
        num: Number of seeds.
        mean: Mean difference in points, larger is better; None without a seed.
        low: Lower end of its interval; None with fewer than two seeds.
        high: Upper end.
    """

    num: int
    mean: float | None = None
    low: float | None = None
    high: float | None = None


def differences(
    rounds: Rounds, reference: str, *, seeds: int, alpha: float = ALPHA
) -> dict[str, PairedDifference]:
    """Return the difference of every other label to the reference.

    Args:
        rounds: What each label reached with each seed; all labels tell of the spread.
        seeds: Number of seeds that there may be in the end, at least 2.
        alpha: Share of intervals that may miss at some look, of one label.
    """
    labels = list(dict.fromkeys(label for seen in rounds for label in seen if label != reference))
    pairs = {label: _pairs(rounds, label, reference) for label in labels}
    found = {
        label: PairedDifference(len(each), float(each.mean()) if len(each) else None)
        for label, each in pairs.items()
    }
    known = {label: each for label, each in pairs.items() if len(each) >= FIRST}
    if not known:
        return found
    spread = _Spread(rounds, known)
    for label, each in known.items():
        variance, freedom = spread.of(label)
        level = levels(max(seeds, len(each)), alpha)[len(each) - FIRST]
        reach = _quantile(round(freedom, 3), level) * sqrt(variance / len(each))
        mean = float(each.mean())
        found[label] = PairedDifference(len(each), mean, mean - reach, mean + reach)
    return found


@cache
def levels(seeds: int, alpha: float = ALPHA) -> tuple[float, ...]:
    """Return the level of the interval at each look, from the second seed to the last.

    Args:
        seeds: Number of seeds in the end, at least 2.
        alpha: Share of series that may miss at any look.
    """
    walk = np.arange(-8 * sqrt(seeds), 8 * sqrt(seeds) + _STEP / 2, _STEP)
    step = np.arange(-7, 7 + _STEP / 2, _STEP)
    normal = np.exp(-np.square(step) / 2) / sqrt(2 * np.pi) * _STEP
    inside = np.exp(-np.square(walk) / (2 * FIRST)) / sqrt(2 * np.pi * FIRST) * _STEP
    alpha *= _STUDENT
    far = np.argsort(-np.abs(walk), kind="stable")
    found, spent = [], 0.0
    for seed in range(FIRST, seeds + 1):
        tails = np.cumsum(inside[far])
        bound = abs(walk[far[np.searchsorted(tails, alpha * (seed / seeds) ** _POWER - spent)]])
        found.append(2 * NormalDist().cdf(-bound / sqrt(seed)))
        spent += float(inside[np.abs(walk) >= bound].sum())
        inside = np.convolve(np.where(np.abs(walk) < bound, inside, 0.0), normal, "same")
    return tuple(found)


@cache
def _quantile(freedom: float, level: float) -> float:
    return t_quantile(freedom, level=1 - level / 2)


class _Spread:
    """The variance of paired differences.

    Args:
        pairs: (N,) differences by label, two at least each.
    """

    def __init__(self, rounds: Rounds, pairs: Mapping[str, Array]) -> None:
        self._own = {label: float(each.var(ddof=1)) for label, each in pairs.items()}
        self._freedom = {label: len(each) - 1 for label, each in pairs.items()}
        middle = float(np.median(list(self._own.values())))
        self._alike = [label for label, own in self._own.items() if own <= _WILD * middle]
        values = [self._own[label] for label in self._alike]
        weights = [self._freedom[label] for label in self._alike]
        wild = self._own.keys() - set(self._alike)
        residual, self._shared = _residual(rounds, wild)
        # Either may be too small where the reference spreads more, or less, than the others.
        self._common = max(2 * residual, float(np.average(values, weights=weights)))

    def of(self, label: str) -> tuple[float, float]:
        """Return the variance of one difference and its degrees of freedom."""
        own, freedom = self._own[label], self._freedom[label]
        if label not in self._alike:
            return own, freedom
        total = _PRIOR_FREEDOM + freedom
        variance = (_PRIOR_FREEDOM * self._common + freedom * own) / total
        return variance, max(freedom, min(total, self._shared))


def _pairs(rounds: Rounds, label: str, reference: str) -> Array:
    both = [(seen.get(label), seen.get(reference)) for seen in rounds]
    return np.array([a - b for a, b in both if a is not None and b is not None])


def _residual(rounds: Rounds, without: set[str]) -> tuple[float, int]:
    """Return the variance of a value given recipe and seed, and its degrees of freedom."""
    cells = [
        (label, seed, value)
        for seed, seen in enumerate(rounds)
        for label, value in seen.items()
        if value is not None and label not in without
    ]
    labels = list(dict.fromkeys(label for label, _, _ in cells))
    columns = np.zeros((len(cells), len(labels) + len(rounds)))
    for i, (label, seed, _) in enumerate(cells):
        columns[i, labels.index(label)] = columns[i, len(labels) + seed] = 1.0
    values = np.array([value for _, _, value in cells])
    fitted, _, rank, _ = np.linalg.lstsq(columns, values - values.mean(), rcond=None)
    freedom = len(cells) - int(rank)
    rest = values - values.mean() - columns @ fitted
    return float(rest @ rest) / max(1, freedom), freedom
