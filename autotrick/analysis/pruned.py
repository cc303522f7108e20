"""What trials that were stopped early would have reached.

A scheduler stops the trials that look worst, so comparing only those that went on shrinks every
effect. But what it looked at is on record: given its last reported accuracy, whether a trial was
stopped says nothing more about it (the values are missing at random). So the missing accuracy is
drawn from what the last one and the trial's settings foretell, several times, with the doubt of
that forecast (multiple imputation; Rubin, 1987).
"""

from collections.abc import Sequence
from typing import Protocol

import numpy as np

from autotrick.analysis.regression import Array, Fit


class Epoch(Protocol):
    """What is asked of an epoch report: accuracy in [0, 1], and the epoch's wall time."""

    @property
    def accuracy(self) -> float: ...

    @property
    def seconds(self) -> float: ...


_VERSIONS = 20
_LEAST_FREEDOM = 3


def completed(columns: Array, curves: Sequence[Sequence[Epoch]], epoch: int) -> Array | None:
    """Return (M, N) versions of the accuracy at an epoch, in points; one if nothing is missing.

    The draws are the same for the same trials.

    Args:
        columns: (N, P) the trials' settings, the constant included.
        curves: Each trial's reports in order; at least one.
        epoch: Counted from 1; some trial reached it.

    Returns:
        None if too few trials reached the epoch for a forecast.
    """
    reached = np.array([len(curve) >= epoch for curve in curves])
    last = np.array([min(len(curve), epoch) for curve in curves])
    final = [100 * curve[stop - 1].accuracy for curve, stop in zip(curves, last, strict=True)]
    if reached.all():
        return np.array([final])
    versions = np.tile(final, (_VERSIONS, 1))
    rng = np.random.default_rng(0)
    for stop in np.unique(last[~reached]):
        then = [100 * curve[stop - 1].accuracy if len(curve) >= stop else 0.0 for curve in curves]
        seen = np.column_stack([columns, then])
        missing = ~reached & (last == stop)
        drawn = _forecast(seen[reached], np.asarray(final)[reached], seen[missing], rng)
        if drawn is None:
            return None
        versions[:, missing] = drawn
    return versions


def _forecast(
    known: Array, outcomes: Array, wanted: Array, rng: np.random.Generator
) -> Array | None:
    """Draw (M, K) outcomes from the predictive distribution of a linear model."""
    fit = Fit(known)
    if fit.freedom < _LEAST_FREEDOM:
        return None
    squares = float(np.square(fit.residuals(outcomes)).sum())
    scale = np.sqrt(squares / rng.chisquare(fit.freedom, size=(_VERSIONS, 1)))
    centre = wanted @ (fit.inverse @ outcomes)
    # Coefficients vary like inverse @ noise, as least squares of pure noise would.
    doubt = rng.normal(size=(_VERSIONS, len(outcomes))) @ fit.inverse.T @ wanted.T
    drawn: Array = centre + scale * (doubt + rng.normal(size=doubt.shape))
    return drawn
