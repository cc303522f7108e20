"""Whether early epochs tell what the last one will: what a scheduler that stops trials relies on.

Two answers. The rank correlation of two rungs (Spearman's, with the interval of Bonett and Wright,
"Sample size requirements for estimating Pearson, Kendall and Spearman correlations", Psychometrika,
2000) says how far the order of the trials stays. It is that of the trials which reached the later
one; where a search stopped the others, it is lower than that of all would be.

And for each trick its effect is estimated at both (`effects`, stopped trials forecast): one that
clearly harms at a rung and clearly helps at the end is one that rungs kill unseen, and the other way
round. Where too few trials came to the end for an interval, nothing is said.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import atanh, sqrt, tanh

import numpy as np

from autotrick.analysis.effects import Reports, TrickEffect, effects
from autotrick.analysis.imputation import at
from autotrick.design.regression import Array
from autotrick.records.rows import TrialRow

_LEAST_TRIALS = 5
_NORMAL = 1.959964


@dataclass(frozen=True, slots=True)
class Agreement:
    """How far the order of trials at one epoch is that at a later one.

    Attributes:
        early: Epoch, counted from 1.
        late: A later one.
        num: Trials that reached both.
        rho: Spearman's rank correlation, in [-1, 1]; None for fewer than five trials or equal values.
        low: Lower end of its 95 % interval; None with it.
        high: Its upper end.
    """

    early: int
    late: int
    num: int
    rho: float | None
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class Turn:
    """A trick that a rung misleads about.

    Attributes:
        early: Its effect at the rung, whose interval excludes 0.
        late: Its effect at the last epoch, of the other sign; its interval excludes 0 too.
    """

    early: TrickEffect
    late: TrickEffect

    @property
    def trick(self) -> str:
        return self.early.trick


@dataclass(frozen=True, slots=True)
class RungFindings:
    """What rungs are worth.

    Attributes:
        epochs: The rungs, and the last epoch.
        reached: How many trials reported each of them.
        agreements: Of every pair of these epochs.
        turns: Tricks that some rung misleads about.
        told: Whether enough trials came to the end to tell that of any trick.
    """

    epochs: list[int]
    reached: list[int]
    agreements: list[Agreement]
    turns: list[Turn]
    told: bool


def rung_epochs(first: int, factor: int, last: int) -> list[int]:
    """Return the rungs below the last epoch, and that one.

    Args:
        first: Epoch of the first rung, at least 1.
        factor: Each rung is this many times later, at least 2.
        last: Of a whole trial.
    """
    found = []
    while first < last:
        found.append(first)
        first *= factor
    return [*found, last]


def rung_findings(
    trials: Sequence[TrialRow], reports: Reports, epochs: Sequence[int]
) -> RungFindings:
    """Return how far rungs foretell one another, and about which tricks they mislead.

    Args:
        trials: Of one study, in any state.
        reports: By trial number, in order of epochs.
        epochs: The rungs in order; the last is the end of a whole trial.
    """
    curves = [reports[t.number] for t in trials if reports.get(t.number)]
    reports_at = {e: [at(curve, e) for curve in curves] for e in epochs}
    reached = [sum(end is not None for end in reports_at[epoch]) for epoch in epochs]
    pairs = [(e, late) for i, late in enumerate(epochs) for e in epochs[:i]]
    agreements = []
    for early, late in pairs:
        ends = zip(reports_at[early], reports_at[late], strict=True)
        both = np.array([(a.value, b.value) for a, b in ends if a and b]).reshape(-1, 2)
        agreements.append(agreement(early, late, both[:, 0], both[:, 1]))
    found = [effects(trials, reports, epoch=epoch) for epoch in epochs] if all(reached) else []
    told = bool(found) and any(row.low is not None for row in found[-1])
    return RungFindings(list(epochs), reached, agreements, _turns(found), told)


def agreement(early: int, late: int, x: Array, y: Array) -> Agreement:
    """Return the rank correlation of (N,) values at two epochs; equal values share their rank."""
    count = len(x)
    if count < _LEAST_TRIALS or np.ptp(x) == 0 or np.ptp(y) == 0:
        return Agreement(early, late, count, None)
    rho = float(np.corrcoef(_ranks(x), _ranks(y))[0, 1])
    # The transform has no end at 1; an interval must have one.
    middle = atanh(max(-1 + 1e-9, min(rho, 1 - 1e-9)))
    half = _NORMAL * sqrt((1 + rho * rho / 2) / (count - 3))
    return Agreement(early, late, count, rho, tanh(middle - half), tanh(middle + half))


def _ranks(values: Array) -> Array:
    _, group, counts = np.unique(values, return_inverse=True, return_counts=True)
    middle: Array = np.cumsum(counts) - (counts - 1) / 2
    return middle[group]


def _turns(at: Sequence[Sequence[TrickEffect]]) -> list[Turn]:
    last = {row.trick: row for row in at[-1]} if at else {}
    found = [
        Turn(early, last[early.trick])
        for rung in at[:-1]
        for early in rung
        if early.trick in last and _opposed(early, last[early.trick])
    ]
    return sorted(found, key=lambda turn: (turn.trick, turn.early.epoch))


def _opposed(early: TrickEffect, late: TrickEffect) -> bool:
    return {early.better, late.better} == {True, False}
