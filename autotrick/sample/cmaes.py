"""CMA-ES for mixed spaces: a normal distribution for numbers, one of options for choices.

Hamano, Saito, Nomura, Uchida, Shirakawa, "CatCMA: Stochastic Optimization for Mixed-Category
Problems", GECCO 2024. https://arxiv.org/abs/2405.09962
"""

from collections.abc import Container, Sequence
from dataclasses import dataclass
from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autotrick.domain import Choice, Chooser, Float, Integer, Scalar, from_unit, to_unit
from autotrick.errors import ResourceError
from autotrick.random_streams import key_of
from autotrick.sample.method import UnitCubeMethod
from autotrick.sample.observations import Kind, Observation, Observations
from autotrick.space import SearchSpace

_SPREAD = 0.3
"""Standard deviation that the search begins with, as a share of each range."""

_RESAMPLED = 10
"""Draws for a point inside all ranges; then the last is moved to the borders."""


@dataclass(frozen=True, slots=True)
class _Point:
    numbers: NDArray[np.float64]
    options: NDArray[np.bool_]


class Cmaes(UnitCubeMethod):
    """CMA-ES, given all finished trials again for every proposal, in the order of their numbers.

    A recipe says nothing about the settings of what is off. There the distribution's own draw stands, so
    that it neither shrinks nor moves in directions that a trial did not explore.
    """

    def __init__(self, space: SearchSpace, seed: int) -> None:
        """Begin without observations.

        Raises:
            ResourceError: The package cmaes is not installed.
        """
        super().__init__(space, seed)
        self._package = _package()
        axes = self.box.axes.items()
        self._numbers = {n: axis for n, axis in axes if isinstance(axis, Float | Integer)}
        choices = {n: axis for n, axis in axes if isinstance(axis, Choice)}
        # A single option leaves nothing to learn, and the package rejects such a choice.
        self._choices = {n: axis for n, axis in choices.items() if len(axis.options) > 1}
        self._settled = {
            n: axis.options[0] for n, axis in choices.items() if n not in self._choices
        }
        self._done: list[Observation] = []
        self._optimizer: Any = self._fresh()

    def choose(
        self, observations: Observations, number: int, attempt: int, taken: Container[str]
    ) -> Chooser:
        optimizer = self._after(observations.finished())
        drawn = _draw(optimizer, self.seed(number, attempt))
        point: dict[str, Scalar] = dict(self._settled)
        for i, (name, axis) in enumerate(self._numbers.items()):
            point[name] = from_unit(axis, float(drawn.numbers[i]))
        for i, (name, choice) in enumerate(self._choices.items()):
            point[name] = choice.options[int(drawn.options[i].argmax())]
        return self.box.chooser(point)

    def _after(self, seen: Sequence[Observation]) -> Any:
        """Return the optimizer after all whole generations of observations."""
        size = self._optimizer.population_size
        # No generation mixes other studies with this one: their scores are not values of this one.
        earlier = sum(one.key.kind is Kind.EARLIER_TRIAL for one in seen)
        seen = seen[earlier % size :]
        if seen[: len(self._done)] != self._done:
            self._optimizer, self._done = self._fresh(), []
        while len(seen) - len(self._done) >= size:
            begin = len(self._done)
            generation = list(seen[begin : begin + size])
            best_first = sorted(generation, key=lambda one: one.rank)
            # Only the order counts, and pruned trials are part of it.
            points = [self._completed(one) for one in best_first]
            self._optimizer.tell(
                [((p.numbers, p.options), float(rank)) for rank, p in enumerate(points)]
            )
            self._done += generation
        return self._optimizer

    def _completed(self, seen: Observation) -> _Point:
        found = _draw(self._optimizer, key_of(self._seed, "cmaes", seen.key.stream) % 2**32)
        for i, (name, axis) in enumerate(self._numbers.items()):
            if name in seen.active:
                found.numbers[i] = to_unit(axis, float(seen.answers[name]))
        for i, (name, choice) in enumerate(self._choices.items()):
            if name in seen.active:
                found.options[i] = False
                found.options[i, choice.options.index(seen.answers[name])] = True
        return found

    def _fresh(self) -> Any:
        # The package needs at least two numbers and one choice; dummies change nothing.
        numbers = max(2, len(self._numbers))
        options = [len(axis.options) for axis in self._choices.values()] or [2]
        return self._package.CatCMA(
            mean=np.full(numbers, 0.5),
            sigma=_SPREAD,
            cat_num=np.array(options),
            bounds=np.array([[0.0, 1.0]] * numbers),
            n_max_resampling=_RESAMPLED,
        )


def _draw(optimizer: Any, seed: int) -> _Point:
    optimizer.reseed_rng(seed)
    return _Point(*optimizer.ask())


def _package() -> ModuleType:
    try:
        import cmaes
    except ModuleNotFoundError:
        raise ResourceError(
            "the sampler 'cmaes' needs the package cmaes, which is not installed. Install "
            "autotrick[cmaes], or choose another sampler."
        ) from None
    return cmaes  # type: ignore[no-any-return]
