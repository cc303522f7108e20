"""What each trial came to, and which trials can be compared.

A trial is compared at the last epoch of its recipe unless an epoch is asked for. One that was stopped
before has no value there, and stands among the others with what it reported; so does one that waits,
for a scheduler that pauses trials goes on with the best of them. Trials that run or failed are left
out, as their absence has other causes.

Training diverged where the loss was not a number any more, or where the value is below half the median
(above twice that of a metric of which less is better): one such trial moves an effect by more than any
trick does.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from statistics import median

from autotrick.analysis.imputation import Epoch, at
from autotrick.records.rows import TrialRow
from autotrick.tasks import Metric

Reports = Mapping[int, Sequence[Epoch]]

_ENOUGH = 8
_STOPPED = ("pruned", "waiting")
_NOT_A_NUMBER = "nan_loss"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a trial came to.

    Attributes:
        curve: Its reports in order; empty only if it diverged in its first epoch.
        end: The report that is compared; None if the trial was stopped before.
        diverged: Whether its training diverged.
    """

    trial: TrialRow
    curve: Sequence[Epoch]
    end: Epoch | None
    diverged: bool = False

    @property
    def last(self) -> Epoch:
        """The report that is compared, or the last one there is."""
        return self.end or self.curve[-1]


def outcomes(
    trials: Sequence[TrialRow], reports: Reports, metric: Metric, epoch: int | None = None
) -> list[Outcome]:
    """Return what the trials that can be compared came to.

    Args:
        reports: By trial number, in order of epochs.
        epoch: Compare at this one, counted from 1; None for the last one of each recipe.
    """
    found = []
    for trial in trials:
        curve = reports.get(trial.number, ())
        end = _end(trial, curve, epoch)
        stopped = (
            trial.state in _STOPPED and bool(curve) and curve[-1].epoch < _wanted(trial, epoch)
        )
        lost = trial.state == "failed" and trial.reason == _NOT_A_NUMBER
        if end or stopped or lost:
            found.append(Outcome(trial, curve, end, lost and end is None))
    return _with_diverged(found, metric)


def _wanted(trial: TrialRow, epoch: int | None) -> int:
    return trial.recipe.epochs if epoch is None else epoch


def _end(trial: TrialRow, curve: Sequence[Epoch], epoch: int | None) -> Epoch | None:
    """Return the report to compare; a complete trial that ended early by itself ends where it did."""
    if epoch is None and trial.state == "complete" and curve:
        return curve[-1]
    wanted = _wanted(trial, epoch)
    return at(curve, wanted) if wanted > 0 else None


def _with_diverged(found: Sequence[Outcome], metric: Metric) -> list[Outcome]:
    """Mark those that are far worse than the median at the epoch that they reached.

    Of fewer than eight trials none is.
    """
    judged = [outcome for outcome in found if not outcome.diverged]
    if len(judged) < _ENOUGH:
        return list(found)
    fences: dict[int, float] = {}
    for reached in {outcome.last.epoch for outcome in judged}:
        there = (at(outcome.curve, reached) for outcome in judged)
        middle = median(report.value for report in there if report)
        fences[reached] = metric.worth(middle / 2 if metric.larger else 2 * middle)
    return [
        outcome
        if outcome.diverged or metric.worth(outcome.last.value) >= fences[outcome.last.epoch]
        else replace(outcome, diverged=True)
        for outcome in found
    ]
