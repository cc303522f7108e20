"""What each trick changes, with its doubt and its cost.

A search proposes trials by what it has seen and stops the poor ones early, so a plain difference of
means would mix a trick's effect with that of the settings it was tried with. Instead:

1. All trials are compared at one common epoch: the last one that at least half of them reached.
2. For trials that were stopped before it, the value there is drawn from a forecast, several
   times (`pruned`); leaving them out would shrink the effects.
3. The effect is the trick's coefficient in a linear regression on all tricks, the architecture, and
   whatever else varies in the recipes: the resolved learning rate, the other fields, the settings of
   architectures and of other tricks, as far as the trials suffice (`design`). What they do not suffice
   to tell the trick apart from is named, in place of a number.
4. Trials below half the median value (above twice that of a metric of which less is better), which
   as a rule means that training diverged, are left out and counted: one of them moves a coefficient by
   more than any trick does.
5. The interval is at 95 %, and holds for few trials and unequal spread (`regression`). It is None
   when the trials cannot carry one. It covers one trick at a time: of twenty tricks that do
   nothing, one is expected to look as if it did.

Effects are averages over the settings and over the other tricks that the trials happened to have;
interactions are not modelled.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from math import ceil, exp
from statistics import median

import numpy as np
from numpy.typing import NDArray

from autotrick.analysis.imputation import Epoch, at, completed
from autotrick.design.matrix import LEAST_FREEDOM, Chosen, Design
from autotrick.design.regression import Array, Fit
from autotrick.records.rows import TrialRow, common_metric
from autotrick.tasks import Metric

Reports = Mapping[int, Sequence[Epoch]]

_ENOUGH = 8


class Source(StrEnum):
    """Which trials an effect is estimated from."""

    SCREEN = "screen"
    SEARCH = "search"


class Verdict(StrEnum):
    """What the trials say about a trick."""

    HELPS = "helps"
    HARMS = "harms"
    NO_MATTER = "does not matter"
    UNCLEAR = "cannot tell yet"


@dataclass(frozen=True, slots=True)
class TrickEffect:
    """What a trick changes.

    Attributes:
        num_with: Trials with it among those compared.
        num_without: Trials without it.
        num_pruned: How many of both were stopped before `epoch`; their value is a forecast.
        num_left_out: Trials that diverged, which are not compared.
        epoch: The epoch compared at.
        epochs: The last epoch of the recipes compared.
        effect: In the metric's unit for people (points, hundredths, of accuracy); None where the trials
            cannot carry an interval.
        low: Lower end of the 95 % interval; None with it.
        high: Its upper end.
        effect_with_diverged: The effect with those that diverged among the trials; None if none did or
            it cannot be told.
        diverged_with: Share of the trials with the trick that diverged, in [0, 1]; None without trials.
        diverged_without: The same of the trials without it.
        cost: Seconds per epoch with the trick, as a factor of those without.
        cost_low: Lower end of the factor's 95 % interval, or None.
        cost_high: Its upper end.
        against: What stands in the trick's place when it is off; empty if nothing does.
        note: Why a number is missing, or what limits it; empty otherwise.
        larger: Whether larger values of the metric are better.
        source: The trials that it is estimated from.
        precision: Half-width of the interval around 0 in which an effect does not matter, in the unit
            of `effect`.
        needed: About how many more trials it takes for a verdict at the noise seen; None where there
            is a verdict, or no interval to judge that by.
    """

    trick: str
    num_with: int
    num_without: int
    num_pruned: int
    epoch: int
    effect: float | None
    low: float | None = None
    high: float | None = None
    cost: float | None = None
    cost_low: float | None = None
    cost_high: float | None = None
    against: tuple[str, ...] = ()
    note: str = ""
    num_left_out: int = 0
    larger: bool = True
    epochs: int = 0
    source: Source = Source.SEARCH
    precision: float = 0.5
    needed: int | None = None
    diverged_with: float | None = None
    diverged_without: float | None = None
    effect_with_diverged: float | None = None

    @property
    def final(self) -> bool:
        """Whether trials are compared at the last epoch of their recipes; an earlier one is no verdict."""
        return self.epoch >= self.epochs

    @property
    def better(self) -> bool | None:
        """Whether values at `epoch` are better (True) or worse (False); None while the interval has 0."""
        if self.low is None or self.high is None or self.low <= 0 <= self.high:
            return None
        return (self.low > 0) is self.larger

    @property
    def helps(self) -> bool | None:
        """Whether the verdict is that it helps (True) or harms (False); None for any other."""
        return self.better if self.final else None

    @property
    def verdict(self) -> Verdict:
        """What the trials say about the trick."""
        if self.low is None or self.high is None or not self.final:
            return Verdict.UNCLEAR
        if self.helps is not None:
            return Verdict.HELPS if self.helps else Verdict.HARMS
        inside = -self.precision <= self.low and self.high <= self.precision
        return Verdict.NO_MATTER if inside else Verdict.UNCLEAR


def effects(
    trials: Sequence[TrialRow],
    reports: Reports,
    *,
    epoch: int | None = None,
    precision: float = 0.5,
) -> list[TrickEffect]:
    """Return the effect of every trick that is on in some trial, most helpful first.

    Those without an interval come last.

    The module's docstring gives the method.

    Args:
        trials: Of one study, in any state.
        reports: By trial number, in order of epochs.
        epoch: Compare at this one, counted from 1; None for the common one.
        precision: Half-width of the interval around 0 in which an effect does not matter, in the unit
            in which people read differences of the metric.
    """
    names = sorted({name for trial in trials for name in trial.recipe.tricks})
    epoch = common_epoch(reports) if epoch is None else epoch
    metric = common_metric(trials)
    used = [trial for trial in trials if _compared(trial, reports, epoch)]
    used, left_out = _without_diverged(used, reports, epoch, metric)
    if not any(at(reports[trial.number], epoch) for trial in used):
        return [TrickEffect(name, 0, 0, 0, epoch, None, note="no reports yet") for name in names]
    compared = _comparison(used, reports, epoch, metric)
    found = [
        replace(
            compared.effect(name), num_left_out=left_out, larger=metric.larger, precision=precision
        )
        for name in names
    ]
    found = [replace(row, needed=_needed(row)) for row in found]
    return sorted(
        found, key=lambda row: (row.effect is None, -metric.worth(row.effect or 0), row.trick)
    )


def _needed(row: TrickEffect) -> int | None:
    """Return about how many more trials it takes until the interval leaves 0, or nearly holds it."""
    if row.verdict is not Verdict.UNCLEAR or not row.final:
        return None
    if row.effect is None or row.low is None or row.high is None:
        return None
    half, size = (row.high - row.low) / 2, abs(row.effect)
    wanted = max(size, row.precision - size)
    return max(1, ceil((row.num_with + row.num_without) * ((half / wanted) ** 2 - 1)))


def common_epoch(reports: Reports) -> int:
    """Return the last epoch that at least half of the trials, and at least eight, reported.

    With fewer than eight trials, all of them must have; 0 if there are no reports, or no such epoch.
    """
    curves = [curve for curve in reports.values() if curve]
    need = max(ceil(len(curves) / 2), min(len(curves), _ENOUGH))
    counts = Counter(report.epoch for curve in curves for report in curve)
    return max((epoch for epoch, count in counts.items() if count >= need), default=0)


def _compared(trial: TrialRow, reports: Reports, epoch: int) -> bool:
    """Keep trials that reached the epoch or were pruned; the others' absence has other causes."""
    curve = reports.get(trial.number, ())
    if not curve or epoch < 1:
        return False
    return at(curve, epoch) is not None or (trial.state == "pruned" and curve[-1].epoch < epoch)


def _without_diverged(
    trials: list[TrialRow], reports: Reports, epoch: int, metric: Metric
) -> tuple[list[TrialRow], int]:
    """Return the trials of at least half the median value, and how many are worse.

    Of a metric of which less is better, they have at most twice the median.

    Each is held against all trials at the last epoch that it reached, `epoch` at most. Of fewer than
    eight trials all are kept.
    """
    if len(trials) < _ENOUGH:
        return trials, 0
    curves = [reports[trial.number] for trial in trials]
    last = [at(curve, epoch) or curve[-1] for curve in curves]
    fences: dict[int, float] = {}
    for reached in {end.epoch for end in last}:
        there = (at(curve, reached) for curve in curves)
        middle = median(found.value for found in there if found)
        fences[reached] = metric.worth(middle / 2 if metric.larger else 2 * middle)
    kept = [
        trial
        for trial, end in zip(trials, last, strict=True)
        if metric.worth(end.value) >= fences[end.epoch]
    ]
    return kept, len(trials) - len(kept)


@dataclass(frozen=True, slots=True)
class _Comparison:
    """Trials made comparable.

    Attributes:
        trials: The N trials compared.
        pruned: Those among them whose value is a forecast.
        design: What varies among them; its tricks are those that are on in some but not in all.
        fit: Of its tricks and architectures alone.
        points: (M, N) versions of the value at `epoch`, as people read it.
        log_seconds: (1, N) logarithm of the seconds per epoch; None if they were not measured.
        epochs: The last epoch of those trials.
    """

    trials: Sequence[TrialRow]
    pruned: int
    design: Design
    fit: Fit
    points: Array
    log_seconds: Array | None
    epoch: int
    epochs: int

    def effect(self, trick: str) -> TrickEffect:
        """Return what the trials say about one trick."""
        on = np.array([trick in trial.recipe.tricks for trial in self.trials])
        num_on = int(on.sum())
        row = TrickEffect(
            trick, num_on, len(on) - num_on, self.pruned, self.epoch, None, epochs=self.epochs
        )
        if num_on in (0, len(on)):
            return replace(row, note=f"{'on' if num_on else 'off'} in every trial compared")
        if self.fit.freedom < LEAST_FREEDOM:
            return replace(row, note="too few trials to adjust for the other tricks and settings")
        against = self._rivals(trick, on)
        if not against and not self.fit.knows(self.design.at(trick)):
            return replace(row, note="always changed together with another trick or architecture")
        chosen = self.design.chosen(trick, without=against)
        row = replace(row, against=tuple(against))
        if chosen.apart:
            return replace(row, note=_apart(chosen))
        return self._measured(row, chosen)

    def _rivals(self, trick: str, on: NDArray[np.bool_]) -> list[str]:
        """Return the tricks of which one is on whenever this one is off, if it is so."""
        if self.fit.knows(self.design.at(trick)):
            return []
        return [
            other
            for i, other in enumerate(self.design.names, start=1)
            if other != trick and not self.fit.knows(i) and not self.design.tricks[on, i].any()
        ]

    def _measured(self, row: TrickEffect, chosen: Chosen) -> TrickEffect:
        fit = Fit(chosen.columns)
        if not fit.knows(chosen.at):
            return replace(row, note="always changed together with other settings")
        points = fit.coefficient(chosen.at, self.points)
        if points.low is None:
            return replace(row, note="too few trials for an interval")
        missing = ", ".join(chosen.missing)
        note = f"too few trials to adjust for {missing} too" if missing else ""
        row = replace(row, effect=points.value, low=points.low, high=points.high, note=note)
        if self.log_seconds is None:
            return row
        factor = fit.coefficient(chosen.at, self.log_seconds)
        low, high = (None if end is None else exp(end) for end in (factor.low, factor.high))
        return replace(row, cost=exp(factor.value), cost_low=low, cost_high=high)


def _apart(chosen: Chosen) -> str:
    if chosen.few:
        return f"too few trials to tell it apart from {chosen.apart}: the two changed together"
    return f"cannot be told apart from {chosen.apart}: they changed together"


def _comparison(
    trials: Sequence[TrialRow], reports: Reports, epoch: int, metric: Metric
) -> _Comparison:
    curves = [reports[trial.number] for trial in trials]
    short = sum(at(curve, epoch) is None for curve in curves)
    on = sorted({name for trial in trials for name in trial.recipe.tricks})
    varied = [name for name in on if not all(name in trial.recipe.tricks for trial in trials)]
    design = Design([trial.recipe for trial in trials], varied)
    points = completed(design.forecasting(len(curves) - short), curves, epoch, metric)
    if points is None:
        there = [trial for trial in trials if at(reports[trial.number], epoch)]
        return _comparison(there, reports, epoch, metric)
    seconds = np.array([[median(report.seconds for report in curve) for curve in curves]])
    log_seconds = np.log(seconds) if (seconds > 0).all() else None
    fit = Fit(design.tricks)
    ends = zip(trials, curves, strict=True)
    epochs = max(c[-1].epoch if t.state == "complete" else t.recipe.epochs for t, c in ends)
    return _Comparison(trials, short, design, fit, points, log_seconds, epoch, epochs)
