"""Priors: expected values of decisions, and how far to trust them.

With some probability a proposal draws every decision with a prior from that prior, and leaves the
others to the method. The probability falls with the number of finished trials, as the
weight of the prior does in piBO (Hvarfner et al., ICLR 2022), and with the evidence against the
priors: as in PriorBand (Mallik et al., NeurIPS 2023), it counts how likely the best trials so far
are under them. The widths of the confidence levels are those of NePS.

Differs: PriorBand compares with the density around the incumbent, this module with that of all
trials. Early ones are drawn from the prior themselves; a wrong prior shows because the best of them
are less likely under it than the rest.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from math import exp, log
from statistics import NormalDist, fmean

import numpy as np

from autotrick.domain import (
    Axis,
    Choice,
    Chooser,
    Float,
    Integer,
    Prior,
    Scalar,
    from_unit,
    to_unit,
)
from autotrick.random_streams import key_of
from autotrick.sample.observations import Observation, Observations
from autotrick.sample.unit_cube import UnitCube
from autotrick.space import OFF, SearchSpace, published, published_defaults, unit_of

HALF = 10
"""Finished trials after which half of the proposals come from the priors, without evidence against
them."""

_SPREAD = {"low": 0.5, "medium": 0.25, "high": 0.125}
_ODDS = {"low": 2.0, "medium": 4.0, "high": 8.0}
_ENOUGH = 4
"""Finished trials before evidence counts."""

_NORMAL = NormalDist()
_LAST = 1 - 1e-9


@dataclass(frozen=True, slots=True)
class _Normal:
    """A normal distribution over the unit coordinate of a number, cut off at 0 and 1."""

    axis: Float | Integer
    mean: float
    spread: float

    @property
    def _ends(self) -> tuple[float, float]:
        low, high = ((end - self.mean) / self.spread for end in (0.0, 1.0))
        return _NORMAL.cdf(low), _NORMAL.cdf(high)

    def draw(self, u: float) -> Scalar:
        low, high = self._ends
        unit = self.mean + self.spread * _NORMAL.inv_cdf(low + (high - low) * u)
        return from_unit(self.axis, min(max(unit, 0.0), _LAST))

    def likelihood(self, value: Scalar) -> float:
        """Return the density of a value as a multiple of the uniform density."""
        low, high = self._ends
        away = (to_unit(self.axis, float(value)) - self.mean) / self.spread
        return _NORMAL.pdf(away) / self.spread / (high - low)


@dataclass(frozen=True, slots=True)
class _Categorical:
    """Weights of options; an option without a weight weighs 1."""

    options: tuple[Scalar, ...]
    weights: Mapping[Scalar, float]

    def draw(self, u: float, options: tuple[Scalar, ...]) -> Scalar:
        shares = np.cumsum([self.weights.get(option, 1.0) for option in options])
        return options[int(np.searchsorted(shares, u * shares[-1], side="right"))]

    def likelihood(self, value: Scalar) -> float:
        total = sum(self.weights.get(option, 1.0) for option in self.options)
        return self.weights.get(value, 1.0) * len(self.options) / total


class Priors:
    """The priors of a space; false when it has none."""

    def __init__(self, space: SearchSpace, seed: int) -> None:
        """Collect the priors of the space's file, and published values if the space asks for them.

        Args:
            seed: The study's seed.
        """
        self._seed = seed
        self._axes = UnitCube(space).axes
        self._known = _own(space, self._axes)
        if space.study.priors == "published":
            self._known = _published(space, self._axes) | self._known

    def __bool__(self) -> bool:
        return bool(self._known)

    def take(self, observations: Observations, number: int, attempt: int) -> bool:
        """Return whether a proposal comes from the priors."""
        return self._generator(number, attempt, "share").random() < self.share(observations)

    def share(self, observations: Observations) -> float:
        """Return the probability that a proposal comes from the priors, in [0, 1]."""
        return HALF / (HALF + observations.count) * self._trust(observations.sampled())

    def chooser(self, other: Chooser, number: int, attempt: int) -> Chooser:
        """Return a chooser that asks another one only for decisions without a prior."""
        return _PriorChooser(other, self._known, self._generator(number, attempt, "draw"))

    def _trust(self, seen: list[Observation]) -> float:
        if len(seen) < _ENOUGH:
            return 1.0
        best = sorted(seen, key=lambda one: one.rank)[: max(2, len(seen) // 4)]
        evidence = 0.0
        for name, prior in self._known.items():
            everywhere, among_best = _logs(prior, name, seen), _logs(prior, name, best)
            if among_best:
                evidence += sum(among_best) - len(among_best) * fmean(everywhere)
        return min(1.0, 2 / (1 + exp(-max(evidence, -50.0))))

    def _generator(self, number: int, attempt: int, what: str) -> np.random.Generator:
        return np.random.default_rng(key_of(self._seed, "prior", what, number, attempt))


@dataclass(frozen=True, slots=True)
class _PriorChooser:
    other: Chooser
    known: Mapping[str, _Normal | _Categorical]
    generator: np.random.Generator

    def number(self, name: str, domain: Float) -> float:
        prior = self.known.get(name)
        if isinstance(prior, _Normal):
            return float(prior.draw(self.generator.random()))
        return self.other.number(name, domain)

    def integer(self, name: str, domain: Integer) -> int:
        prior = self.known.get(name)
        if isinstance(prior, _Normal):
            return int(prior.draw(self.generator.random()))
        return self.other.integer(name, domain)

    def choice(self, name: str, options: tuple[Scalar, ...]) -> Scalar:
        prior = self.known.get(unit_of(name))
        if isinstance(prior, _Categorical):
            return prior.draw(self.generator.random(), options)
        return self.other.choice(name, options)


def _logs(prior: _Normal | _Categorical, name: str, seen: list[Observation]) -> list[float]:
    found = (_answer(one, name) for one in seen)
    return [log(max(prior.likelihood(v), 1e-9)) for v in found if v is not None]


def _answer(seen: Observation, name: str) -> Scalar | None:
    """Return the answer on an axis, whatever name the question had; None if it was not asked."""
    asked = name if name in seen.active else None
    if asked is None and name.startswith("slot."):
        asked = next((other for other in seen.active if unit_of(other) == name), None)
    return None if asked is None else seen.answers[asked]


def _distribution(axis: Axis, prior: Prior) -> _Normal | _Categorical:
    if isinstance(axis, Choice):
        return _Categorical(axis.options, {prior.value: _ODDS[prior.confidence]})
    return _Normal(axis, to_unit(axis, float(prior.value)), _SPREAD[prior.confidence])


def _own(space: SearchSpace, axes: Mapping[str, Axis]) -> dict[str, _Normal | _Categorical]:
    found = {name: _distribution(axis, axis.prior) for name, axis in axes.items() if axis.prior}
    for unit in space.units.units:
        axis, weights = axes.get(unit.name), dict[Scalar, float]()
        for trick in unit.tricks:
            prior = space.tricks[trick].prior
            if prior:
                odds = _ODDS[prior.confidence]
                option = True if len(unit.tricks) == 1 else trick
                weights[option] = odds if prior.value is True else 1 / odds
        if weights and isinstance(axis, Choice):
            found[unit.name] = _Categorical(axis.options, weights)
    return found


def _published(space: SearchSpace, axes: Mapping[str, Axis]) -> dict[str, _Normal | _Categorical]:
    found = {
        name: _distribution(axes[name], Prior(value))
        for name, value in published(space).items()
        if name in axes and value in axes[name]
    }
    on = published_defaults(space).tricks
    for unit in space.units.units:
        axis = axes.get(unit.name)
        if isinstance(axis, Choice):
            held = next((trick for trick in unit.tricks if trick in on), OFF)
            best = held != OFF if len(unit.tricks) == 1 else held
            found[unit.name] = _distribution(axis, Prior(best, "low"))
    return found
