"""What trials that were stopped early would have reached.

A scheduler stops the trials that look worst, so comparing only those that went on shrinks every
effect. But what it looked at is on record: given its last reported value, whether a trial was
stopped says nothing more about it (the values are missing at random). So the missing value is
drawn from what the last one and the trial's settings foretell, several times, with the doubt of
that forecast (multiple imputation; Rubin, 1987).
"""

from collections.abc import Sequence
from typing import Protocol

import numpy as np

from autotrick.design.regression import Array, Fit
from autotrick.tasks import ACCURACY, Metric


class Epoch(Protocol):
    """What is asked of a report: its epoch, the metric's value, and the epoch's wall time."""

    @property
    def epoch(self) -> int: ...

    @property
    def value(self) -> float: ...

    @property
    def seconds(self) -> float: ...


_VERSIONS = 20
_LEAST_FREEDOM = 3
_SAME = 1e-7
"""Share of a column beyond others below which it says what they say."""


def at(curve: Sequence[Epoch], epoch: int) -> Epoch | None:
    """Return a trial's report of an epoch, or None; other tools report some epochs only.

    Args:
        curve: Its reports in order.
        epoch: Counted from 1.
    """
    if not curve or curve[-1].epoch < epoch:
        return None
    if curve[-1].epoch == len(curve):
        return curve[epoch - 1]
    return next((report for report in curve if report.epoch == epoch), None)


def completed(
    columns: Array,
    curves: Sequence[Sequence[Epoch]],
    compared: Sequence[Epoch | None],
    metric: Metric = ACCURACY,
) -> Array | None:
    """Return (M, N) versions of the value compared, as people read it; one if none is missing.

    The draws are the same for the same trials.

    Args:
        columns: (N, P) the trials' settings, the constant first.
        curves: Each trial's reports in order; at least one.
        compared: Each trial's report that is compared; None for those that were stopped before.
        metric: That the values are of.

    Returns:
        None if too few trials reached what is compared for a forecast.
    """
    ends = [end or curve[-1] for end, curve in zip(compared, curves, strict=True)]
    last = np.array([end.epoch for end in ends])
    final = np.array([metric.scaled(end.value) for end in ends])
    reached = np.array([end is not None for end in compared])
    if reached.all():
        return final[None]
    versions = np.tile(final, (_VERSIONS, 1))
    rng = np.random.default_rng(0)
    for stop in np.unique(last[~reached]):
        then = [at(curve, int(stop)) for curve in curves]
        seen = np.column_stack(
            [columns, [metric.scaled(found.value) if found else 0.0 for found in then]]
        )
        missing = (last == stop) & ~reached
        known = reached & np.array([found is not None for found in then])
        drawn = _forecast(seen[known], final[known], seen[missing], rng)
        if drawn is None:
            return None
        versions[:, missing] = drawn
    return versions


def _forecast(
    known: Array, outcomes: Array, wanted: Array, rng: np.random.Generator
) -> Array | None:
    """Draw (M, K) outcomes from the predictive distribution of a linear model.

    A column that the known ones do not tell from those before it adds nothing, so these come in
    order of their worth. To share what they bring, as least squares of the smallest coefficients
    does, would foretell nonsense where only one of them is there.
    """
    kept = _independent(known)
    if len(known) - len(kept) < _LEAST_FREEDOM:
        return None
    wanted, fit = wanted[:, kept], Fit(known[:, kept])
    squares = float(np.square(fit.residuals(outcomes)).sum())
    scale = np.sqrt(squares / rng.chisquare(fit.freedom, size=(_VERSIONS, 1)))
    centre = wanted @ (fit.inverse @ outcomes)
    # Coefficients vary like inverse @ noise, as least squares of pure noise would.
    doubt = rng.normal(size=(_VERSIONS, len(outcomes))) @ fit.inverse.T @ wanted.T
    drawn: Array = centre + scale * (doubt + rng.normal(size=doubt.shape))
    return drawn


def _independent(columns: Array) -> list[int]:
    """Return the columns that are no combination of those before them."""
    kept: list[int] = []
    basis = np.zeros((0, len(columns)))
    for i, column in enumerate(columns.T):
        rest = column - (basis @ column) @ basis
        rest -= (basis @ rest) @ basis
        size = float(np.linalg.norm(rest))
        if size > _SAME * np.linalg.norm(column):
            kept.append(i)
            basis = np.vstack([basis, rest / size])
    return kept
