"""What a combination of tricks is worth around the base of a screen, whether it was run or not.

The model is that of the effects (`screen_model`): the tricks that are on, and the claimed pairs. Whoever
picks the best of thousands of combinations picks the luckiest estimates as well, so the coefficients
of tricks and pairs are shrunk to what they have in common: they come from one normal distribution whose
width is weighed over a grid by how well it explains the values, and so does its mean (Lindley and
Smith, "Bayes estimates for the linear model", Journal of the Royal Statistical Society B, 1972). The
intervals of effects are not shrunk, and claims rest on those.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import exp, log

import numpy as np

from autotrick.analysis.screen_model import ScreenModel
from autotrick.design.regression import Array, Fit, t_quantile
from autotrick.space.slots import OFF
from autotrick.tasks import Metric
from autotrick.tricks import TRICKS

_WIDTHS = np.geomspace(0.25, 8.0, 15)
"""Standard deviations of the coefficients, as multiples of that of the noise."""
_MOST = 8192
_LEAST_FREEDOM = 2.0


@dataclass(frozen=True, slots=True)
class Forecast:
    """A number as people read it, with its 95 % interval."""

    value: float
    low: float
    high: float


class Prediction:
    """Shrunk coefficients of a screen's model, and what they say of combinations.

    Args:
        model: With at least two degrees of freedom left.

    Attributes:
        metric: Of the values.
    """

    def __init__(self, model: ScreenModel) -> None:
        self.model = model
        self._mean, self._covariance = _shrunk(model)
        self._reach = t_quantile(max(_LEAST_FREEDOM, round(model.freedom, 1)))
        self.metric: Metric = model.metric

    def values(self, combinations: Sequence[frozenset[str]]) -> list[Forecast]:
        """Return the value of each combination, on average over the halves of the screen."""
        return self._forecasts(self.model.predicted(combinations))

    def gain(self, tricks: Iterable[str]) -> Forecast:
        """Return what tricks gain over all of them off, turned so that more is better."""
        weights = self.model.predicted([frozenset(tricks), frozenset()])
        [found] = self._forecasts(weights[:1] - weights[1:])
        sign = 1.0 if self.metric.larger else -1.0
        low, high = sorted((sign * found.low, sign * found.high))
        return Forecast(sign * found.value, low, high)

    def best(self, count: int, *, without: Iterable[str] = ()) -> list[frozenset[str]]:
        """Return the valid combinations with the best bounds, the best one first.

        All are looked at while they are few; otherwise the tricks are decided factor by factor, and
        those combinations go on whose bounds are best with the rest off.

        Args:
            without: Tricks that stay off.
        """
        left_out = frozenset(without)
        found: list[frozenset[str]] = [frozenset()]
        for options in self.model.options.values():
            open_ = [option for option in options if option not in left_out] or options[:1]
            extended = [
                combination | ({option} - {OFF}) for combination in found for option in open_
            ]
            found = [c for c in extended if not _excluded(c, self._always)]
            found = self._first(found, _MOST) if len(found) > _MOST else found
        return self._first([c for c in found if _complete(c, self._always)], count)

    def improved(self, combination: frozenset[str]) -> frozenset[str]:
        """Return a combination without the tricks that the model expects to cost something in it.

        A bound may be best beside a trick that costs something, because the screen has seen that
        combination more often.
        """
        gain = self.gain(combination).value
        while fewer := [c for name in combination if self._is_valid(c := combination - {name})]:
            best = max(fewer, key=lambda c: (self.gain(c).value, sorted(c)))
            if self.gain(best).value <= gain:
                break
            combination, gain = best, self.gain(best).value
        return combination

    def _is_valid(self, combination: frozenset[str]) -> bool:
        return self.covers(combination | self._always) and _complete(combination, self._always)

    def with_always(self, combination: Iterable[str]) -> tuple[str, ...]:
        """Return the names of a combination's tricks with those that every trial of the screen has on."""
        return tuple(sorted({*combination, *self._always}))

    def covers(self, tricks: Iterable[str]) -> bool:
        """Return whether these tricks are a combination of what the screen switches."""
        on = frozenset(tricks)
        known = on - self._always <= frozenset(self.model.tricks) and self._always <= on
        held = [len(on & set(options)) for options in self.model.options.values()]
        required = [options[0] != OFF for options in self.model.options.values()]
        return known and all(
            num <= 1 and num >= must for num, must in zip(held, required, strict=True)
        )

    @cached_property
    def _always(self) -> frozenset[str]:
        """Tricks that are on in every trial of the screen."""
        sets = [frozenset(trial.recipe.tricks) for trial in self.model.trials]
        return frozenset.intersection(*sets)

    def _first(self, combinations: list[frozenset[str]], count: int) -> list[frozenset[str]]:
        if not combinations:
            return []
        bounds = [self._bound(forecast) for forecast in self.values(combinations)]
        order = sorted(range(len(bounds)), key=lambda i: (-bounds[i], sorted(combinations[i])))
        return [combinations[i] for i in order[:count]]

    def _bound(self, forecast: Forecast) -> float:
        worse = forecast.low if self.metric.larger else forecast.high
        return self.metric.worth(worse)

    def _forecasts(self, weights: Array) -> list[Forecast]:
        values = weights @ self._mean
        squares = np.einsum("ij,jk,ik->i", weights, self._covariance, weights, optimize=True)
        reaches = self._reach * np.sqrt(np.maximum(squares, 0.0))
        pairs = zip(values.tolist(), reaches.tolist(), strict=True)
        return [Forecast(value, value - reach, value + reach) for value, reach in pairs]


def prediction_of(model: ScreenModel | None) -> Prediction | None:
    """Return what a screen's model predicts; None if its trials are too few for intervals."""
    if model is None or model.freedom < _LEAST_FREEDOM or not np.ptp(model.points):
        return None
    return Prediction(model)


def _shrunk(model: ScreenModel) -> tuple[Array, Array]:
    """Return mean and covariance of the coefficients, averaged over the widths of their distribution.

    Those of the halves are not shrunk.
    """
    blocks, columns, points = model.blocks, model.columns, model.points
    noise = float(np.square(Fit(columns).residuals(points)).sum()) / model.freedom
    held = Fit(columns[:, :blocks])
    left, rest = held.residuals(columns[:, blocks:].T).T, held.residuals(points)
    # Each coefficient has a part of its own and one that all share.
    prior = np.linalg.inv(np.eye(left.shape[1]) + 1.0)
    weights, means, seconds = [], [], []
    for width in _WIDTHS:
        precision = left.T @ left / noise + prior / (width * width * noise)
        covariance = np.linalg.inv(precision)
        mean = covariance @ (left.T @ rest) / noise
        fitted = float(mean @ (left.T @ rest)) / noise
        _, size = np.linalg.slogdet(precision)
        weights.append((fitted - size) / 2 - left.shape[1] * log(width * np.sqrt(noise)))
        own = held.inverse @ (points - columns[:, blocks:] @ mean)
        whole, spread = _with_blocks(mean, covariance, own, held, columns[:, blocks:], noise)
        means.append(whole)
        seconds.append(spread + np.outer(whole, whole))
    share = np.array([exp(weight - max(weights)) for weight in weights])
    share /= share.sum()
    average: Array = np.einsum("g,gi->i", share, np.array(means))
    second = np.einsum("g,gij->ij", share, np.array(seconds))
    return average, second - np.outer(average, average)


def _with_blocks(
    mean: Array, covariance: Array, own: Array, held: Fit, columns: Array, noise: float
) -> tuple[Array, Array]:
    """Return mean and covariance of all coefficients, the blocks' first: own = inverse @ (y - X b)."""
    moved = -held.inverse @ columns
    across = moved @ covariance
    corner = noise * held.inverse @ held.inverse.T + across @ moved.T
    return np.concatenate([own, mean]), np.block([[corner, across], [across.T, covariance]])


def _excluded(combination: frozenset[str], always: frozenset[str]) -> bool:
    """Return whether two tricks exclude each other."""
    on = combination | always
    return any(on & TRICKS[name].excludes.keys() for name in combination if name in TRICKS)


def _complete(combination: frozenset[str], always: frozenset[str]) -> bool:
    """Return whether every trick has those that it needs."""
    on = combination | always
    return all(TRICKS[name].needs <= on for name in combination if name in TRICKS)
