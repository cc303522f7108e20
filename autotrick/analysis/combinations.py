"""Which combinations of tricks are best, by what can be relied on rather than by one lucky trial.

Each combination's mean is shrunk towards the mean of all trials, the more the fewer trials it has
(empirical Bayes, normal; Efron and Morris, "Stein's estimation rule and its competitors", JASA,
1973), and the ranking goes by the lower end of a one-sided 95 % interval around the shrunk mean
(Morris, "Parametric empirical Bayes inference: theory and applications", JASA, 1983). A combination
that was tried once and got lucky stands below one that was good ten times.

Only complete trials count: a pruned one has no final accuracy. How many of a combination were
pruned or failed is reported beside it, for a search stops what looks poor.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from math import inf

import numpy as np
from numpy.typing import NDArray

from autotrick.design.regression import Array, t_quantile
from autotrick.records.rows import TrialRow, TrickSet, common_metric
from autotrick.tasks import ACCURACY, Metric

_LEAST_TRIALS = 4
_LEAST_SETS = 3


@dataclass(frozen=True, slots=True)
class Combination:
    """A set of tricks that were on together, with nothing else on.

    Attributes:
        tricks: Sorted names; empty when all were off.
        num: Complete trials.
        num_pruned: Trials that the scheduler stopped.
        num_failed: Trials that failed.
        mean: Mean value of the complete trials.
        best: The best value among them.
        best_trial: The number of that trial.
        low: What the shrunk mean is at worst: its lower bound, or its upper one where less is better;
            None when the study has too few trials for one.
    """

    tricks: tuple[str, ...]
    num: int
    num_pruned: int
    num_failed: int
    mean: float
    best: float
    best_trial: int
    low: float | None


def combinations(trials: Sequence[TrialRow]) -> list[Combination]:
    """Return every combination with a complete trial, that with the best bound first."""
    metric = common_metric(trials)
    groups: dict[tuple[str, ...], list[TrialRow]] = defaultdict(list)
    for trial in trials:
        groups[tuple(sorted(trial.recipe.tricks))].append(trial)
    sets = (_trick_set(tricks, group, metric) for tricks, group in groups.items())
    return ranked([found for found in sets if found], metric)


def ranked(sets: Sequence[TrickSet], metric: Metric = ACCURACY) -> list[Combination]:
    """Return the same from what is known of each set of tricks with a complete trial."""
    rows = [
        Combination(
            tricks=found.tricks,
            num=found.num,
            num_pruned=found.num_pruned,
            num_failed=found.num_failed,
            mean=found.mean,
            best=found.best,
            best_trial=found.best_trial,
            low=None if low is None else metric.worth(low),
        )
        for found, low in zip(sets, _lower_bounds(sets, metric), strict=True)
    ]
    return sorted(
        rows, key=lambda row: (-metric.worth(row.low or 0), -metric.worth(row.mean), row.tricks)
    )


def _trick_set(
    tricks: tuple[str, ...], group: Sequence[TrialRow], metric: Metric
) -> TrickSet | None:
    done = {t.number: t.value for t in group if t.state == "complete" and t.value is not None}
    if not done:
        return None
    values = np.array(list(done.values()))
    return TrickSet(
        tricks=tricks,
        num=len(values),
        num_pruned=sum(trial.state == "pruned" for trial in group),
        num_failed=sum(trial.state == "failed" for trial in group),
        mean=float(values.mean()),
        squares=float(np.square(values - values.mean()).sum()),
        best=max(done.values(), key=metric.worth),
        best_trial=min(done, key=lambda number: (-metric.worth(done[number]), number)),
    )


def _lower_bounds(sets: Sequence[TrickSet], metric: Metric) -> list[float | None]:
    """Return the lower bound of each set's shrunk mean, turned so that larger is better.

    Spread within the combinations is told from spread between them by analysis of variance. With
    too few repeats for that, all spread counts as either, which is cautious. No bound is worse than the
    metric can be.
    """
    counts = np.array([found.num for found in sets])
    if counts.sum() < _LEAST_TRIALS:
        return [None] * len(sets)
    means = np.array([metric.worth(found.mean) for found in sets])
    squares = sum(found.squares for found in sets)
    within, between, freedom = _variances(counts, means, squares)
    noise = within / counts
    if between + noise.max() == 0:
        return [None] * len(sets)
    weights = 1 / (between + noise)
    centre = float(np.average(means, weights=weights))
    share = between / (between + noise)
    shrunk = share * means + (1 - share) * centre
    # What is shrunk to the centre is known no better than that, and how far to shrink is told by as
    # many sets as there are.
    variance = share * noise + np.square(1 - share) / weights.sum()
    if len(sets) > _LEAST_SETS:
        variance += 2 / (len(sets) - _LEAST_SETS) * np.square((1 - share) * (means - centre))
    reach = t_quantile(freedom, level=0.95) * np.sqrt(variance)
    worst = metric.least if metric.larger else metric.most
    floor = -inf if worst is None else metric.worth(worst)
    return [max(floor, float(low)) for low in shrunk - reach]


def _variances(
    counts: NDArray[np.int64], means: Array, squares: float
) -> tuple[float, float, float]:
    """Return the variance within sets, the one between them, and the former's freedom.

    Args:
        squares: Sum of the squared deviations from the sets' means.
    """
    total, sets = int(counts.sum()), len(counts)
    freedom = total - sets
    spread = float(counts @ np.square(means - np.average(means, weights=counts)))
    if freedom < _LEAST_TRIALS or sets == 1:
        overall = (squares + spread) / (total - 1)
        return overall, overall, float(_LEAST_TRIALS)
    within = squares / freedom
    weight = total - float(np.square(counts).sum()) / total
    return within, max(0.0, (spread - (sets - 1) * within) / weight), float(freedom)
