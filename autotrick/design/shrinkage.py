"""Coefficients of many columns from few observations: a prior that most groups of them do nothing.

The grouped horseshoe: each group of coefficients has a spread of its own, each family of groups another
one, both with half-Cauchy priors, so that what does nothing is pulled to 0 and what does much is left
alone (Carvalho, Polson and Scott, "The horseshoe estimator for sparse signals", Biometrika, 2010,
https://doi.org/10.1093/biomet/asq017), drawn by Gibbs sampling (Makalic and Schmidt, "A simple sampler for
the horseshoe estimator", IEEE Signal Processing Letters, 2016, https://arxiv.org/abs/1508.03884).

What is drawn may rank, propose and forecast. Claims about tricks rest on least squares
(`autotrick.design.regression`), whose intervals hold without a prior.
"""

import numpy as np
from numpy.typing import NDArray

from autotrick.design.regression import Array

Indices = NDArray[np.int_]

_SWEEPS, _BEFORE = 1300, 300
_SMALLEST, _LARGEST = 1e-10, 1e10
_FREE = 1e-8
"""Precision of the constant, relative to that of the noise."""


def posterior(columns: Array, of: Indices, families: Indices, outcomes: Array) -> Array:
    """Return (M, P) draws of the coefficients, the same for the same input.

    Args:
        columns: (N, P) explanatory values, about 1 in size, without a constant.
        of: (P,) the index of each column's group.
        families: (G,) the index of each group's family.
        outcomes: (N,) what is explained; not all equal.
    """
    rng = np.random.default_rng(0)
    known = np.column_stack([np.ones(len(columns)), columns])
    middle, scale = outcomes.mean(), outcomes.std()
    wanted = (outcomes - middle) / scale
    square, shared = known.T @ known, known.T @ wanted
    spread = _Spread(of, families, rng)
    noise = 1.0
    drawn = np.empty((_SWEEPS - _BEFORE, columns.shape[1]))
    for i in range(_SWEEPS):
        precision = np.concatenate([[_FREE], 1 / spread.of_columns])
        root = np.linalg.cholesky(square + np.diag(precision))
        centre = np.linalg.solve(root.T, np.linalg.solve(root, shared))
        here = centre + np.sqrt(noise) * np.linalg.solve(root.T, rng.normal(size=len(centre)))
        rest = wanted - known @ here
        left = float(rest @ rest + np.square(here[1:]) @ precision[1:])
        noise = left / 2 / rng.gamma((len(known) + len(of)) / 2)
        spread.draw(np.square(here[1:]) / noise)
        if i >= _BEFORE:
            drawn[i - _BEFORE] = here[1:]
    found: Array = scale * drawn
    return found


class _Spread:
    """The variances of the coefficients, relative to that of the noise."""

    def __init__(self, of: Indices, families: Indices, rng: np.random.Generator) -> None:
        self._of, self._families, self._rng = of, families, rng
        self._sizes = np.bincount(of, minlength=len(families))
        self._columns = np.bincount(families, weights=self._sizes)
        self._own, self._own_scale = np.ones(len(families)), np.ones(len(families))
        self._common, self._common_scale = (
            np.full(len(self._columns), 0.05),
            np.ones(len(self._columns)),
        )

    @property
    def of_columns(self) -> Array:
        """(P,) of each column."""
        found: Array = (self._own * self._common[self._families])[self._of]
        return np.clip(found, _SMALLEST, _LARGEST)

    def draw(self, squares: Array) -> None:
        """Draw new variances, given (P,) squared coefficients in units of the noise."""
        sums = np.bincount(self._of, squares, minlength=len(self._sizes))
        common = self._common[self._families]
        self._own = self._inverse_gamma(
            (self._sizes + 1) / 2, 1 / self._own_scale + sums / (2 * common)
        )
        self._own_scale = self._inverse_gamma(np.ones(len(self._own)), 1 + 1 / self._own)
        sums = np.bincount(self._families, sums / self._own, minlength=len(self._common))
        self._common = self._inverse_gamma(
            (self._columns + 1) / 2, 1 / self._common_scale + sums / 2
        )
        self._common_scale = self._inverse_gamma(np.ones(len(self._common)), 1 + 1 / self._common)

    def _inverse_gamma(self, shape: Array, rate: Array) -> Array:
        found: Array = rate / self._rng.gamma(shape)
        return np.clip(found, _SMALLEST, _LARGEST)
