"""Which combinations of tricks are best, by what can be relied on rather than by one lucky trial.

Where a study has a screen, its model predicts the value of every valid combination around the screen's
base (`prediction`), of those that were never run too, and the ranking goes by the worse end of the 95 %
interval. What trials of a combination reached stands beside it: these may have had other rates,
networks and seeds.

Without a screen, each combination's mean is shrunk towards the mean of all trials, the more the fewer
trials it has (empirical Bayes, normal; Efron and Morris, "Stein's estimation rule and its competitors",
JASA, 1973), and the ranking goes by the lower end of a one-sided 95 % interval around the shrunk mean
(Morris, "Parametric empirical Bayes inference: theory and applications", JASA, 1983). A combination
that was tried once and got lucky stands below one that was good ten times.

Only complete trials count: a pruned one has no final accuracy. How many of a combination were
pruned or failed is reported beside it, for a search stops what looks poor.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from math import inf

import numpy as np
from numpy.typing import NDArray

from autotrick.analysis.effects import Reports, screen_of
from autotrick.analysis.prediction import Forecast, Prediction, prediction_of
from autotrick.design.regression import Array, t_quantile
from autotrick.records.rows import TrialRow, TrickSet, common_metric
from autotrick.tasks import ACCURACY, Metric

_LEAST_TRIALS = 4
_LEAST_SETS = 3
_PROPOSED = 5
"""Predicted combinations that are added where they were never run."""


@dataclass(frozen=True, slots=True)
class Combination:
    """A set of tricks that were on together, with nothing else on.

    Attributes:
        tricks: Sorted names; empty when all were off.
        num: Complete trials; 0 if it was never run to the end.
        num_pruned: Trials that the scheduler stopped.
        num_failed: Trials that failed.
        mean: Mean value of the complete trials; None without any.
        best: The best value among them.
        best_trial: The number of that trial.
        low: What the shrunk mean is at worst: its lower bound, or its upper one where less is better;
            None when the study has too few trials for one.
        predicted: Its value around the base of the screen; None without a screen, or if a trick of it
            has no part in the screen.
        predicted_low: Lower end of its 95 % interval; None with it.
        predicted_high: Its upper end.
    """

    tricks: tuple[str, ...]
    num: int
    num_pruned: int
    num_failed: int
    mean: float | None
    best: float | None
    best_trial: int | None
    low: float | None
    predicted: float | None = None
    predicted_low: float | None = None
    predicted_high: float | None = None


def combinations(trials: Sequence[TrialRow], reports: Reports | None = None) -> list[Combination]:
    """Return every combination with a complete trial and the best predicted ones, the best bound first.

    Args:
        trials: Of one study, in any state.
        reports: By trial number, in order of epochs; without them nothing is predicted.
    """
    metric = common_metric(trials)
    groups: dict[tuple[str, ...], list[TrialRow]] = defaultdict(list)
    for trial in trials:
        groups[tuple(sorted(trial.recipe.tricks))].append(trial)
    sets = (_trick_set(tricks, group, metric) for tricks, group in groups.items())
    model = screen_of(trials, reports) if reports else None
    return ranked([found for found in sets if found], metric, prediction_of(model))


def ranked(
    sets: Sequence[TrickSet], metric: Metric = ACCURACY, prediction: Prediction | None = None
) -> list[Combination]:
    """Return the same from what is known of each set of tricks with a complete trial.

    Args:
        prediction: That of the study's screen, if there is one.
    """
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
    if prediction:
        rows = _with_predictions(rows, prediction)
    return sorted(rows, key=partial(_order, metric=metric))


def _order(row: Combination, metric: Metric) -> tuple[bool, float, float, tuple[str, ...]]:
    worse = row.predicted_low if metric.larger else row.predicted_high
    bound = row.low if worse is None else worse
    observed = -inf if row.mean is None else metric.worth(row.mean)
    return worse is None, -metric.worth(bound or 0), -observed, row.tricks


def _with_predictions(rows: list[Combination], prediction: Prediction) -> list[Combination]:
    """Add what is predicted, and the best combinations that have no complete trial."""
    run = {row.tricks for row in rows}
    new = [prediction.with_always(best) for best in prediction.best(_PROPOSED)]
    rows = rows + [
        Combination(tricks, 0, 0, 0, None, None, None, None) for tricks in new if tricks not in run
    ]
    told = [prediction.covers(row.tricks) for row in rows]
    values = iter(
        prediction.values(
            [frozenset(row.tricks) for row, known in zip(rows, told, strict=True) if known]
        )
    )
    return [
        _predicted(row, next(values), prediction.metric) if known else row
        for row, known in zip(rows, told, strict=True)
    ]


def _predicted(row: Combination, forecast: Forecast, metric: Metric) -> Combination:
    return replace(
        row,
        predicted=_possible(forecast.value / metric.factor, metric),
        predicted_low=_possible(forecast.low / metric.factor, metric),
        predicted_high=_possible(forecast.high / metric.factor, metric),
    )


def _possible(value: float, metric: Metric) -> float:
    """Return the nearest value that the metric can have."""
    value = value if metric.least is None else max(metric.least, value)
    return value if metric.most is None else min(metric.most, value)


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
