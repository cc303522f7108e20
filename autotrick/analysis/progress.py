"""How a study went: each trial's outcome in order, and how values changed over the epochs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import accumulate, groupby
from math import inf

from autotrick.analysis.downsample import thin
from autotrick.recipe import EpochReport
from autotrick.records.rows import TrialRow, TrialState, common_metric
from autotrick.tasks import ACCURACY, Metric

_POINTS = 2000
_CURVES = 60
_TOP_CURVES = 20
_EPOCHS = 200


@dataclass(frozen=True, slots=True)
class Outcome:
    """One trial of the history.

    Attributes:
        value: After its last epoch.
        best: The best value of a complete trial up to here; None before the first.
        phase: Of the study's plan; None without a plan.
    """

    number: int
    state: TrialState
    value: float
    best: float | None
    epochs: int
    phase: str | None = None


@dataclass(frozen=True, slots=True)
class Span:
    """Trials one after the other that belong to one phase.

    Attributes:
        first: Number of the first trial.
        last: Number of the last one.
    """

    phase: str
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class History:
    """Outcomes in order of trial number, thinned when there are many.

    Attributes:
        total: How many there are in the study; `points` may hold fewer.
        metric: That the values are of.
        phases: In order; empty for a study without a plan.
    """

    points: list[Outcome]
    total: int
    metric: Metric = ACCURACY
    phases: tuple[Span, ...] = ()


@dataclass(frozen=True, slots=True)
class Curve:
    """A trial's epochs: their numbers, values and learning rates."""

    number: int
    state: TrialState
    epochs: list[int]
    values: list[float]
    lr: list[float]


@dataclass(frozen=True, slots=True)
class Curves:
    """Learning curves, thinned when there are many.

    Attributes:
        curves: In order of trial number.
        winner: The best complete trial's number, or None; its curve is among them.
        total: How many trials of the study have one.
        metric: That the values are of.
    """

    curves: list[Curve]
    winner: int | None
    total: int
    metric: Metric = ACCURACY


def winner(trials: Sequence[TrialRow]) -> TrialRow | None:
    """Return the best complete trial: by its score where trials have one, else by its value.

    Of equals the faster is taken, then the older.
    """
    return next(iter(ranked(trials)), None)


def ranked(trials: Sequence[TrialRow]) -> list[TrialRow]:
    """Return the complete trials, the best first."""
    done = [trial for trial in trials if trial.state == "complete" and trial.value is not None]
    scored = any(trial.score is not None for trial in done)

    def key(trial: TrialRow) -> tuple[float, float, int]:
        worth = trial.score if scored else trial.value
        return (inf if worth is None else -worth, trial.seconds, trial.number)

    return sorted(done, key=key)


def history(trials: Sequence[TrialRow]) -> History:
    """Return every trial that has reported, at most 2,000 of them, each improvement included."""
    seen = [t for t in sorted(trials, key=lambda t: t.number) if t.value is not None]
    metric = common_metric(seen)
    done = ((trial.value if trial.state == "complete" else None) for trial in seen)
    best = list(accumulate(done, partial(_better, metric)))
    points = [
        Outcome(t.number, t.state, t.value or 0.0, top, t.epochs, t.phase)
        for t, top in zip(seen, best, strict=True)
    ]
    improved = {p.number for p in points if p.state == "complete" and p.value == p.best}
    shown = thin(points, _POINTS, keep=lambda p: p.number in improved)
    return History(shown, len(points), metric, _spans(trials))


def _spans(trials: Sequence[TrialRow]) -> tuple[Span, ...]:
    """Return the phases in order of trial numbers, as far as trials have one."""
    ordered = sorted(trials, key=lambda trial: trial.number)
    spans = []
    for phase, group in groupby(ordered, key=lambda trial: trial.phase):
        numbers = [trial.number for trial in group]
        if phase is not None:
            spans.append(Span(phase, numbers[0], numbers[-1]))
    return tuple(spans)


def _better(metric: Metric, one: float | None, other: float | None) -> float | None:
    """Return the better of two values, or the one that there is."""
    return max((v for v in (one, other) if v is not None), key=metric.worth, default=None)


def learning_curves(
    trials: Sequence[TrialRow], reports: Mapping[int, Sequence[EpochReport]]
) -> Curves:
    """Return at most 60 curves: the best 20 trials', and others evenly over the study."""
    with_curve = [trial for trial in trials if reports.get(trial.number)]
    metric = common_metric(with_curve)
    ranked = sorted(with_curve, key=partial(_rank, metric))
    top = {trial.number for trial in ranked[:_TOP_CURVES]}
    best = winner(with_curve)
    ordered = sorted(with_curve, key=lambda trial: trial.number)
    shown = thin(ordered, _CURVES, keep=lambda trial: trial.number in top)
    curves = [_curve(trial, reports[trial.number]) for trial in shown]
    return Curves(curves, best.number if best else None, len(with_curve), metric)


def _rank(metric: Metric, trial: TrialRow) -> tuple[bool, float, float, int]:
    worth = metric.worth(trial.value or 0.0)
    return (trial.state != "complete", -worth, trial.seconds, trial.number)


def _curve(trial: TrialRow, reports: Sequence[EpochReport]) -> Curve:
    kept = thin(reports, _EPOCHS)
    return Curve(
        trial.number,
        trial.state,
        [report.epoch for report in kept],
        [report.metrics[trial.metric] for report in kept],
        [report.lr for report in kept],
    )
