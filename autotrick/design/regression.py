"""Least squares with intervals that hold for few observations of unequal spread.

Standard errors are HC2 (MacKinnon and White, "Some heteroskedasticity-consistent covariance matrix
estimators with improved finite sample properties", Journal of Econometrics, 1985); the quantile is
Student's t with the degrees of freedom of Bell and McCaffrey ("Bias reduction in standard errors
for linear regression with multi-stage samples", Survey Methodology, 2002), which see that a
coefficient carried by three observations is known less well than one carried by a hundred
(https://doi.org/10.1162/REST_a_00552). The interval is the wider of this one and of the classical one
of equal spread: the first alone comes out too short now and then where few observations carry it.

Outcomes may come in several versions where some of them had to be estimated; the versions are
combined by Rubin's rules ("Multiple Imputation for Nonresponse in Surveys", 1987) with the degrees
of freedom of Barnard and Rubin ("Small-sample degrees of freedom with multiple imputation",
Biometrika, 1999).
"""

from dataclasses import dataclass
from functools import lru_cache
from math import sqrt

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

_LEAST_FREEDOM = 2.0
"""Below this an interval would say less than the sentence "too few trials"."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """A number and its 95 % interval; the ends are None where the data cannot carry one."""

    value: float
    low: float | None = None
    high: float | None = None


class Fit:
    """A least-squares problem.

    Args:
        columns: (N, P) explanatory values, the constant included; they may depend on each other.
    """

    def __init__(self, columns: Array) -> None:
        left, sizes, right = np.linalg.svd(columns, full_matrices=False)
        kept = sizes > sizes[0] * max(columns.shape) * np.finfo(float).eps
        self.basis: Array = left[:, kept]
        self.inverse: Array = (right[kept].T / sizes[kept]) @ self.basis.T
        self._rows: Array = right[kept]
        self._known: Array = np.square(self._rows).sum(axis=0)
        self._leverage: Array = np.square(self.basis).sum(axis=1)

    @property
    def freedom(self) -> int:
        """Observations beyond the number of independent columns."""
        return len(self.basis) - len(self.basis.T)

    def residuals(self, outcomes: Array) -> Array:
        """Return (..., N) what the columns leave unexplained of (..., N) outcomes."""
        return outcomes - (outcomes @ self.basis) @ self.basis.T

    def knows(self, column: int) -> bool:
        """Return whether the data tell this coefficient apart from all others."""
        return bool(self._known[column] > 1 - 1e-8)

    def coefficient(self, column: int, outcomes: Array) -> Estimate:
        """Return a coefficient that the data know, with its interval where they carry one.

        Args:
            column: Its index.
            outcomes: (M, N) versions of what is explained; they differ where it was estimated.
        """
        return self._estimate(self.inverse[column], outcomes)

    def _estimate(self, weights: Array, outcomes: Array) -> Estimate:
        """Return (N,) weights' sum over (M, N) versions of the outcomes, with its interval."""
        values = outcomes @ weights
        value = float(values.mean())
        alone = self._leverage > 1 - 1e-8
        if np.abs(weights[alone]).sum() > 1e-8 * np.abs(weights).sum():
            return Estimate(value)
        squares = np.square(self.residuals(outcomes))
        rest = np.where(alone, 1.0, 1 - self._leverage)
        shares = np.where(alone, 0.0, np.square(weights) / rest)
        robust = float((squares @ shares).mean())
        if robust <= (1e-12 * float(np.abs(outcomes).max())) ** 2:
            return Estimate(value)
        equal = float(squares.sum(axis=1).mean()) / self.freedom * float(weights @ weights)
        reaches = (
            _reach(robust, values, self._effective_freedom(shares, rest)),
            _reach(equal, values, self.freedom),
        )
        if None in reaches:
            return Estimate(value)
        reach = max(filter(None, reaches))
        return Estimate(value, value - reach, value + reach)

    def half_width(self, column: int, noise: float) -> float | None:
        """Return the half-width to expect of a coefficient's classical interval; None without one.

        Args:
            column: Its index.
            noise: Standard deviation of an outcome.
        """
        if not self.knows(column) or self.freedom < _LEAST_FREEDOM:
            return None
        size = float(np.square(self.inverse[column]).sum())
        return t_quantile(self.freedom) * noise * sqrt(size)

    def tells(self, contrast: Array) -> bool:
        """Return whether the data tell (P,) a combination of the coefficients."""
        size = float(contrast @ contrast)
        return float(np.square(self._rows @ contrast).sum()) > (1 - 1e-8) * size

    def contrast(self, contrast: Array, outcomes: Array, *, spent: float = 0.0) -> Estimate:
        """Return a combination of coefficients that the data tell, with its classical interval.

        For balanced designs, in which noise of unequal spread averages out and the classical interval
        is a little narrower.

        Args:
            contrast: (P,) weights of the coefficients.
            outcomes: (N,) what is explained.
            spent: Degrees of freedom that choosing among columns by these outcomes took, beside the
                chosen columns themselves.
        """
        weights = contrast @ self.inverse
        value = float(weights @ outcomes)
        freedom = self.freedom - spent
        left = float(np.square(self.residuals(outcomes)).sum())
        if freedom < _LEAST_FREEDOM or left <= (1e-12 * float(np.abs(outcomes).max())) ** 2:
            return Estimate(value)
        reach = t_quantile(freedom) * sqrt(left / freedom * float(weights @ weights))
        return Estimate(value, value - reach, value + reach)

    def _effective_freedom(self, shares: Array, rest: Array) -> float:
        """Match the first two moments of the variance's estimate to a chi-squared variable's."""
        mean = float(shares @ rest)
        inner = self.basis.T @ (self.basis * shares[:, None])
        own = np.square(shares * rest) - np.square(shares * (1 - rest))
        square = float(np.square(inner).sum() + own.sum())
        return mean * mean / square if square > 0 else 0.0


def _reach(within: float, values: Array, freedom: float) -> float | None:
    """Return half the width of an interval; None where the data cannot carry one."""
    total, freedom = _combined(within, values, freedom)
    return t_quantile(freedom) * sqrt(total) if freedom >= _LEAST_FREEDOM else None


def _combined(within: float, values: Array, freedom: float) -> tuple[float, float]:
    """Return variance and degrees of freedom over the versions of an estimate."""
    count = len(values)
    between = (1 + 1 / count) * float(values.var(ddof=1)) if count > 1 else 0.0
    total = within + between
    share = between / total
    if share < 1e-9:
        return total, freedom
    observed = freedom * (freedom + 1) / (freedom + 3) * (1 - share)
    return total, 1 / (share * share / (count - 1) + 1 / observed)


@lru_cache(4096)
def t_quantile(freedom: float, *, level: float = 0.975) -> float:
    """Return the quantile of Student's t; `freedom` need not be whole but must be at least 1.

    With t = sqrt(freedom) tan(angle) the density is cos(angle)^(freedom - 1), which is summed.
    """
    angles = np.linspace(0, min(np.pi / 2, 12 / sqrt(freedom)), 20_001)
    density = np.cos(angles) ** (freedom - 1)
    share = np.concatenate([[0.0], np.cumsum((density[1:] + density[:-1]) / 2)])
    angle = np.interp(2 * level - 1, share / share[-1], angles)
    return float(sqrt(freedom) * np.tan(angle))
