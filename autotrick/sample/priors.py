"""What is expected of the decisions, and how far to trust it.

With some probability a proposal takes every decision that something is expected of from there, and
leaves the others to the method. The probability falls with the number of finished trials, as the
weight of the prior does in piBO (Hvarfner et al., ICLR 2022), and with the evidence against it: as in
PriorBand (Mallik et al., NeurIPS 2023), the best trials so far say how likely they are under it.
Confidence is as wide as in NePS, which both come from.

Differs: PriorBand compares with the density around the incumbent, here it is with that of all trials.
Early ones are drawn from the prior themselves; a wrong one is found out by the best of them being
less likely under it than the rest.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from math import exp, log
from statistics import NormalDist, fmean

import numpy as np

from autotrick.domain import Choice, Chooser, Float, Integer, Prior, Scalar
from autotrick.random_streams import key_of
from autotrick.sample.history import History, Observation
from autotrick.sample.unit_cube import Axis, UnitCube, place_of, value_at
from autotrick.space import OFF, SearchSpace, published, published_defaults, unit_of

HALF = 10
"""Finished trials after which half of the proposals come from the priors, if nothing speaks against
them."""

_SPREAD = {"low": 0.5, "medium": 0.25, "high": 0.125}
_ODDS = {"low": 2.0, "medium": 4.0, "high": 8.0}
_ENOUGH = 4
"""Finished trials before evidence counts."""

_NORMAL = NormalDist()
_LAST = 1 - 1e-9


@dataclass(frozen=True, slots=True)
class _Normal:
    """A normal distribution over the places of a number, cut off at 0 and 1."""

    axis: Float | Integer
    mean: float
    spread: float

    @property
    def _ends(self) -> tuple[float, float]:
        low, high = ((end - self.mean) / self.spread for end in (0.0, 1.0))
        return _NORMAL.cdf(low), _NORMAL.cdf(high)

    def draw(self, u: float) -> Scalar:
        low, high = self._ends
        place = self.mean + self.spread * _NORMAL.inv_cdf(low + (high - low) * u)
        return value_at(self.axis, min(max(place, 0.0), _LAST))

    def likelihood(self, value: Scalar) -> float:
        """Return the density of a value as a multiple of the even one's."""
        low, high = self._ends
        away = (place_of(self.axis, float(value)) - self.mean) / self.spread
        return _NORMAL.pdf(away) / self.spread / (high - low)


@dataclass(frozen=True, slots=True)
class _Categorical:
    """Weights of options; those that are not named weigh 1."""

    options: tuple[Scalar, ...]
    weights: Mapping[Scalar, float]

    def draw(self, u: float, options: tuple[Scalar, ...]) -> Scalar:
        shares = np.cumsum([self.weights.get(option, 1.0) for option in options])
        return options[int(np.searchsorted(shares, u * shares[-1], side="right"))]

    def likelihood(self, value: Scalar) -> float:
        total = sum(self.weights.get(option, 1.0) for option in self.options)
        return self.weights.get(value, 1.0) * len(self.options) / total


class Priors:
    """The expectations of a space, false when it has none."""

    def __init__(self, space: SearchSpace, seed: int) -> None:
        """Collect what the space's file says, and what is published if it asks for that.

        Args:
            seed: The study's.
        """
        self._seed = seed
        self._axes = UnitCube(space).axes
        self._known = _own(space, self._axes)
        if space.study.priors == "published":
            self._known = _published(space, self._axes) | self._known

    def __bool__(self) -> bool:
        return bool(self._known)

    def take(self, history: History, number: int, attempt: int) -> bool:
        """Return whether a proposal is taken from here."""
        return self._generator(number, attempt, "share").random() < self.share(history)

    def share(self, history: History) -> float:
        """Return the probability of taking a proposal from here, in [0, 1]."""
        told = history.sampled()
        return HALF / (HALF + history.count) * self._trust(told)

    def chooser(self, other: Chooser, number: int, attempt: int) -> Chooser:
        """Return a chooser that asks another one only for what nothing is expected of."""
        return _Believing(other, self._known, self._generator(number, attempt, "draw"))

    def _trust(self, told: list[Observation]) -> float:
        if len(told) < _ENOUGH:
            return 1.0
        best = sorted(told, key=lambda one: one.rank)[: max(2, len(told) // 4)]
        evidence = 0.0
        for name, belief in self._known.items():
            everywhere, among_best = _logs(belief, name, told), _logs(belief, name, best)
            if among_best:
                evidence += sum(among_best) - len(among_best) * fmean(everywhere)
        return min(1.0, 2 / (1 + exp(-max(evidence, -50.0))))

    def _generator(self, number: int, attempt: int, what: str) -> np.random.Generator:
        return np.random.default_rng(key_of(self._seed, "prior", what, number, attempt))


@dataclass(frozen=True, slots=True)
class _Believing:
    other: Chooser
    known: Mapping[str, _Normal | _Categorical]
    generator: np.random.Generator

    def number(self, name: str, domain: Float) -> float:
        belief = self.known.get(name)
        if isinstance(belief, _Normal):
            return float(belief.draw(self.generator.random()))
        return self.other.number(name, domain)

    def integer(self, name: str, domain: Integer) -> int:
        belief = self.known.get(name)
        if isinstance(belief, _Normal):
            return int(belief.draw(self.generator.random()))
        return self.other.integer(name, domain)

    def choice(self, name: str, options: tuple[Scalar, ...]) -> Scalar:
        belief = self.known.get(unit_of(name))
        if isinstance(belief, _Categorical):
            return belief.draw(self.generator.random(), options)
        return self.other.choice(name, options)


def _logs(belief: _Normal | _Categorical, name: str, told: list[Observation]) -> list[float]:
    found = (_answer(one, name) for one in told)
    return [log(max(belief.likelihood(v), 1e-9)) for v in found if v is not None]


def _answer(told: Observation, name: str) -> Scalar | None:
    """Return the answer on an axis, under whatever name it was asked; None where it was not."""
    asked = name if name in told.active else None
    if asked is None and name.startswith("slot."):
        asked = next((other for other in told.active if unit_of(other) == name), None)
    return None if asked is None else told.answers[asked]


def _belief(axis: Axis, prior: Prior) -> _Normal | _Categorical:
    if isinstance(axis, Choice):
        return _Categorical(axis.options, {prior.value: _ODDS[prior.confidence]})
    return _Normal(axis, place_of(axis, float(prior.value)), _SPREAD[prior.confidence])


def _own(space: SearchSpace, axes: Mapping[str, Axis]) -> dict[str, _Normal | _Categorical]:
    found = {name: _belief(axis, axis.prior) for name, axis in axes.items() if axis.prior}
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
        name: _belief(axes[name], Prior(value))
        for name, value in published(space).items()
        if name in axes and value in axes[name]
    }
    on = published_defaults(space).tricks
    for unit in space.units.units:
        axis = axes.get(unit.name)
        if isinstance(axis, Choice):
            held = next((trick for trick in unit.tricks if trick in on), OFF)
            best = held != OFF if len(unit.tricks) == 1 else held
            found[unit.name] = _belief(axis, Prior(best, "low"))
    return found
