"""Effects of tricks among trials that a sampler proposed and a scheduler may have stopped.

A search proposes trials by what it has seen and stops the poor ones early, so a plain difference of
means would mix a trick's effect with that of the settings it was tried with. Instead:

1. For trials that were stopped before the epoch compared at, the value there is drawn from a forecast,
   several times (`imputation`); leaving them out would shrink the effects.
2. The effect is the trick's coefficient in a linear regression on all tricks, the architecture, and
   whatever else varies in the recipes: the resolved learning rate, the other fields, the settings of
   architectures and of other tricks, as far as the trials suffice (`design.matrix`). What they do not
   suffice to tell the trick apart from is named, in place of a number.
3. The interval holds for few trials and unequal spread (`design.regression`). It is missing where the
   trials cannot carry one.

Effects are averages over the settings and over the other tricks that the trials happened to have;
interactions are not modelled.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import exp
from statistics import median

import numpy as np
from numpy.typing import NDArray

from autotrick.analysis.imputation import completed
from autotrick.analysis.outcomes import Outcome
from autotrick.analysis.trick_effect import TrickEffect
from autotrick.design.matrix import LEAST_FREEDOM, Chosen, Design
from autotrick.design.regression import Array, Fit
from autotrick.records.rows import TrialRow
from autotrick.tasks import Metric

_LEAST_WHOLE, LEAST_SHARE = 5, 0.35
"""Trials with a trick, and without it, that must have come to the end where others were stopped, and
their share: with fewer a forecast of those does not hold (on recorded tables in 33 to 88 %, else 93)."""


@dataclass(frozen=True, slots=True)
class SearchComparison:
    """Trials of a search made comparable.

    Attributes:
        trials: The N trials compared.
        pruned: Those among them whose value is a forecast.
        design: What varies among them; its tricks are those that are on in some but not in all.
        fit: Of its tricks and architectures alone.
        points: (M, N) versions of the value at `epoch`, as people read it.
        log_seconds: (1, N) logarithm of the seconds per epoch; None if they were not measured.
        epoch: The epoch compared at; of whole trials that differ, the last.
        epochs: The last epoch of those trials.
        ended: (N,) whether each has a value of its own.
        to_the_end: Whether they are compared at the last epoch of each recipe.
    """

    trials: Sequence[TrialRow]
    pruned: int
    design: Design
    fit: Fit
    points: Array
    log_seconds: Array | None
    epoch: int
    epochs: int
    ended: NDArray[np.bool_]
    to_the_end: bool

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
        if self.to_the_end and self.pruned and (few := self._few_whole(on)):
            return replace(row, note=few)
        against = self._rivals(trick, on)
        if not against and not self.fit.knows(self.design.at(trick)):
            return replace(row, note="always changed together with another trick or architecture")
        chosen = self.design.chosen(trick, without=against)
        row = replace(row, against=tuple(against))
        if chosen.apart:
            return replace(row, note=_apart(chosen))
        return self._measured(row, chosen)

    def _few_whole(self, on: NDArray[np.bool_]) -> str:
        """Return why a forecast of those that were stopped cannot be relied on; empty if it can."""
        for arm, name in ((on, "with"), (~on, "without")):
            whole = int(self.ended[arm].sum())
            if whole < max(_LEAST_WHOLE, LEAST_SHARE * int(arm.sum())):
                return f"too few of the trials {name} it came to the end"
        return ""

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


def compare(found: Sequence[Outcome], metric: Metric, epoch: int | None = None) -> SearchComparison:
    """Return the trials made comparable; without those that were stopped where no forecast is possible.

    Args:
        found: At least one of them with a value.
        epoch: That they are compared at; None for the last one of each recipe.
    """
    short = sum(outcome.end is None for outcome in found)
    trials = [outcome.trial for outcome in found]
    on = sorted({name for trial in trials for name in trial.recipe.tricks})
    varied = [name for name in on if not all(name in trial.recipe.tricks for trial in trials)]
    design = Design([trial.recipe for trial in trials], varied)
    curves = [outcome.curve for outcome in found]
    known = design.forecasting(len(curves) - short)
    points = completed(known, curves, [outcome.end for outcome in found], metric)
    if points is None:
        return compare([outcome for outcome in found if outcome.end], metric, epoch)
    seconds = np.array([[median(report.seconds for report in curve) for curve in curves]])
    log_seconds = np.log(seconds) if (seconds > 0).all() else None
    last = max(outcome.end.epoch for outcome in found if outcome.end)
    epochs = max(map(last_epoch, found))
    at = last if epoch is None else epoch
    return SearchComparison(
        *(trials, short, design, Fit(design.tricks), points, log_seconds, at, max(epochs, at)),
        ended=np.array([outcome.end is not None for outcome in found]),
        to_the_end=epoch is None,
    )


def last_epoch(outcome: Outcome) -> int:
    """Return the last epoch of a trial: where it ended, if it is complete, or that of its recipe."""
    whole = outcome.trial.state == "complete" and outcome.curve
    return outcome.curve[-1].epoch if whole else outcome.trial.recipe.epochs
