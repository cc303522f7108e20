"""A Bayesian linear model of results by recipe and epoch.

The value of a recipe after a share t of its training is a level that depends on t, plus the recipe's
columns times weights that drift with t, plus noise. Weights are normal around 0; columns of a group
share a scale. The weights at the end are what counts; a value from an early epoch teaches the less
about them the earlier it is. Scales are not chosen but averaged over: a fixed set of draws from their
prior, weighted by the marginal likelihood.

Swersky, Snoek, Adams, "Freeze-Thaw Bayesian Optimization", 2014, has values of early epochs in the
model (https://arxiv.org/abs/1406.3896); Duvenaud, Nickisch, Rasmussen, "Additive Gaussian Processes",
NeurIPS 2011, has effects and interactions as groups with scales of their own.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

SCALES: Mapping[str, float] = {
    "level": 1.0,
    "rate": 1.0,
    "network": 0.7,
    "field": 0.4,
    "trick": 0.6,
    "setting": 0.2,
    "trick x trick": 0.4,
    "rate x other": 0.4,
    "other x other": 0.3,
}
"""Prior standard deviation of a group's weights; values have a spread of about 1."""

NOISE = 0.25
"""Prior standard deviation of noise."""

DRIFT = 2.5
"""By what factor of time, as a logarithm, weights are correlated by 1 / e."""

START = 1.5
"""Standard deviation of the level at 1 / e of the training around that at the end."""

_SPREAD = 0.6
_DRAWS = 48


@dataclass(frozen=True, slots=True)
class Scales:
    """One assumption on the scales."""

    groups: Mapping[str, float]
    noise: float
    drift: float


@cache
def assumptions() -> tuple[Scales, ...]:
    """Return draws from the prior of the scales, always the same; the first is its middle."""
    generator = np.random.default_rng(0)
    found = [Scales(SCALES, NOISE, DRIFT)]
    for _ in range(_DRAWS - 1):
        *factors, noise, drift = np.exp(_SPREAD * generator.standard_normal(len(SCALES) + 2))
        groups = {
            name: scale * float(factor)
            for (name, scale), factor in zip(SCALES.items(), factors, strict=True)
        }
        found.append(Scales(groups, NOISE * float(noise), DRIFT * float(drift)))
    return tuple(found)


class Model:
    """What results say about the weights.

    Attributes:
        odds: (A,) posterior probability of each assumption on the scales.
    """

    def __init__(
        self, columns: Array, groups: Sequence[str], shares: Array, values: Array, apart: Array
    ) -> None:
        """Condition on results.

        Args:
            columns: (N, P) of the recipes.
            groups: (P,) names of SCALES.
            shares: (N,) share of the training after which each value was seen, in (0, 1].
            values: (N,) larger is better, of a spread of about 1.
            apart: (N,) variance of each value beyond the noise.
        """
        self._columns, self._values, self._apart = columns, values, apart
        self._names = tuple(dict.fromkeys(groups))
        self._member = np.array([self._names.index(group) for group in groups])
        self._times: Array = np.log(shares)
        parts = [columns[:, self._member == i] for i in range(len(self._names))]
        self._grams = [part @ part.T for part in parts]
        self._lag = np.abs(self._times[:, None] - self._times)
        self._start = START**2 * np.minimum(-self._times[:, None], -self._times)
        fits = np.array([self._evidence(one) for one in assumptions()])
        odds = np.exp(fits - fits.max())
        self.odds: Array = np.divide(odds, odds.sum())

    def draws(
        self, generator: np.random.Generator, count: int, running: Array
    ) -> list["Posterior"]:
        """Return the posterior under assumptions that are drawn by their probability.

        Args:
            running: (M, P) columns of recipes whose values are awaited. They are taken to come out as
                expected: the mean stays, and there is less left to learn near them.
        """
        known = assumptions()
        chosen = generator.choice(len(known), size=count, p=self.odds)
        return [self._posterior(known[int(i)], running) for i in chosen]

    def _covariance(self, scales: Scales) -> Array:
        found = np.zeros_like(self._lag)
        for name, gram in zip(self._names, self._grams, strict=True):
            found += scales.groups[name] ** 2 * gram
        found *= np.exp(-self._lag / scales.drift)
        found += self._start
        found[np.diag_indices_from(found)] += scales.noise**2 + self._apart
        return found

    def _evidence(self, scales: Scales) -> float:
        root = cholesky(self._covariance(scales))
        white = solved(root, self._values)
        return float(-0.5 * white @ white - np.log(np.diag(root)).sum())

    def _posterior(self, scales: Scales, running: Array) -> "Posterior":
        prior = np.array([scales.groups[name] for name in self._names])[self._member]
        root = cholesky(self._covariance(scales))
        # (N, P) covariances of the results with the weights at the end.
        cross = self._columns * prior**2 * np.exp(self._times / scales.drift)[:, None]
        half = solved(root, cross)
        mean = half.T @ solved(root, self._values)
        if len(running):
            less = running @ half.T
            covariance = (running * prior**2) @ running.T - less @ less.T
            covariance[np.diag_indices_from(covariance)] += scales.noise**2
            more = solved(cholesky(covariance), running * prior**2 - less @ half)
            half = np.vstack([half, more])
        return Posterior(mean, prior, half)


@dataclass(frozen=True, slots=True)
class Posterior:
    """The weights at the end: normal.

    Attributes:
        mean: (P,).
        prior: (P,) standard deviations before the results.
        half: (N, P): the covariance is that of the prior less half.T @ half.
    """

    mean: Array
    prior: Array
    half: Array

    def predict(self, columns: Array) -> tuple[Array, Array]:
        """Return (M,) means and standard deviations of recipes with (M, P) columns, without noise."""
        less = columns @ self.half.T
        variance = (columns**2) @ (self.prior**2) - (less**2).sum(axis=1)
        return columns @ self.mean, np.sqrt(np.maximum(variance, 0.0))


def cholesky(covariance: Array) -> Array:
    """Return the lower root of a covariance."""
    return np.asarray(np.linalg.cholesky(covariance), np.float64)


def solved(root: Array, values: Array) -> Array:
    """Return the inverse of a lower triangular root times values."""
    # Takes a moment to import; the other samplers do not need it.
    from scipy.linalg import solve_triangular

    found: Array = solve_triangular(root, values, lower=True, check_finite=False)
    return found
