"""Which combinations of tricks are best, by what can be relied on rather than by one lucky trial.

Each combination's mean is shrunk towards the mean of all trials, the more the fewer trials it has
(empirical Bayes, normal; Efron and Morris, "Stein's estimation rule and its competitors", JASA,
1973), and the ranking goes by the lower end of a one-sided 95 % interval around the shrunk mean. A
combination that was tried once and got lucky stands below one that was good ten times.

Only complete trials count: a pruned one has no final accuracy. How many of a combination were
pruned or failed is reported beside it, for a search stops what looks poor.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from autotrick.analysis.regression import Array, t_quantile
from autotrick.records.rows import TrialRow

_LEAST_TRIALS = 4


@dataclass(frozen=True, slots=True)
class Combination:
    """A set of tricks that were on together, with nothing else on.

    Attributes:
        tricks: Sorted names; empty when all were off.
        num: Complete trials.
        num_pruned: Trials that the scheduler stopped.
        num_failed: Trials that failed.
        mean: Mean accuracy of the complete trials, in [0, 1].
        best: Highest accuracy among them.
        best_trial: The number of that trial.
        low: Lower bound of the shrunk mean; None when the study has too few trials for one.
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
    """Return every combination with a complete trial, that with the highest lower bound first."""
    groups: dict[tuple[str, ...], list[TrialRow]] = defaultdict(list)
    for trial in trials:
        groups[tuple(sorted(trial.recipe.tricks))].append(trial)
    values = {tricks: _values(group) for tricks, group in groups.items()}
    values = {tricks: found for tricks, found in values.items() if found}
    bounds = _lower_bounds(list(values.values()))
    rows = [
        _combination(tricks, groups[tricks], found, low)
        for (tricks, found), low in zip(values.items(), bounds, strict=True)
    ]
    return sorted(rows, key=lambda row: (-(row.low or 0), -row.mean, row.tricks))


def _values(group: Sequence[TrialRow]) -> list[float]:
    return [t.value for t in group if t.state == "complete" and t.value is not None]


def _combination(
    tricks: tuple[str, ...], group: Sequence[TrialRow], values: list[float], low: float | None
) -> Combination:
    done = [trial for trial in group if trial.state == "complete" and trial.value is not None]
    best = max(done, key=lambda trial: (trial.value or 0.0, -trial.number))
    return Combination(
        tricks=tricks,
        num=len(values),
        num_pruned=sum(trial.state == "pruned" for trial in group),
        num_failed=sum(trial.state == "failed" for trial in group),
        mean=float(np.mean(values)),
        best=max(values),
        best_trial=best.number,
        low=low,
    )


def _lower_bounds(groups: Sequence[Sequence[float]]) -> list[float | None]:
    """Return the lower bound of each group's shrunk mean.

    Spread within the combinations is told from spread between them by analysis of variance. With
    too few repeats for that, all spread counts as either, which is cautious.
    """
    counts = np.array([len(group) for group in groups])
    if counts.sum() < _LEAST_TRIALS:
        return [None] * len(groups)
    means = np.array([np.mean(group) for group in groups])
    within, between, freedom = _variances(groups, counts, means)
    noise = within / counts
    if between + noise.max() == 0:
        return [None] * len(groups)
    centre = float(np.average(means, weights=1 / (between + noise)))
    share = between / (between + noise)
    shrunk = share * means + (1 - share) * centre
    reach = t_quantile(freedom, level=0.95) * np.sqrt(share * noise)
    return [float(low) for low in shrunk - reach]


def _variances(
    groups: Sequence[Sequence[float]], counts: NDArray[np.int64], means: Array
) -> tuple[float, float, float]:
    """Return the variance within groups, the one between them, and the former's freedom."""
    everything = np.concatenate([np.asarray(group) for group in groups])
    freedom = len(everything) - len(groups)
    if freedom < _LEAST_TRIALS or len(groups) == 1:
        total = float(everything.var(ddof=1))
        return total, total, float(_LEAST_TRIALS)
    within = float(sum(np.var(group) * len(group) for group in groups)) / freedom
    spread = float(counts @ np.square(means - everything.mean()))
    weight = counts.sum() - float(np.square(counts).sum()) / counts.sum()
    return within, max(0.0, (spread - (len(groups) - 1) * within) / weight), float(freedom)
