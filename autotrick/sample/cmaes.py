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

from autotrick.domain import Choice, Chooser, Float, Integer, Scalar
from autotrick.errors import ResourceError
from autotrick.random_streams import key_of
from autotrick.sample.history import History, Observation
from autotrick.sample.method import UnitCubeMethod
from autotrick.sample.unit_cube import place_of, value_at
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
    """CMA-ES, told all finished trials anew for every proposal, in the order of their numbers.

    A recipe does not say where what is off would stand. There the distribution's own draw is put, so
    that it neither shrinks nor moves in directions of which a trial says nothing.
    """

    def __init__(self, space: SearchSpace, seed: int) -> None:
        """Begin without history.

        Raises:
            ResourceError: The package cmaes is not installed.
        """
        super().__init__(space, seed)
        self._package = _package()
        axes = self.box.axes.items()
        self._numbers = {n: axis for n, axis in axes if isinstance(axis, Float | Integer)}
        choices = {n: axis for n, axis in axes if isinstance(axis, Choice)}
        # Of a single option there is nothing to learn, and the package knows no such choice.
        self._choices = {n: axis for n, axis in choices.items() if len(axis.options) > 1}
        self._settled = {
            n: axis.options[0] for n, axis in choices.items() if n not in self._choices
        }
        self._done: list[Observation] = []
        self._optimizer: Any = self._fresh()

    def choose(self, history: History, number: int, attempt: int, taken: Container[str]) -> Chooser:
        optimizer = self._after(history.finished())
        drawn = _draw(optimizer, self.seed(number, attempt))
        point: dict[str, Scalar] = dict(self._settled)
        for i, (name, axis) in enumerate(self._numbers.items()):
            point[name] = value_at(axis, float(drawn.numbers[i]))
        for i, (name, choice) in enumerate(self._choices.items()):
            point[name] = choice.options[int(drawn.options[i].argmax())]
        return self.box.chooser(point)

    def _after(self, told: Sequence[Observation]) -> Any:
        """Return the optimizer that has been told whole generations of trials."""
        size = self._optimizer.population_size
        # No generation is half of other studies: their scores are no values of this one.
        told = told[sum(one.number < 0 for one in told) % size :]
        if told[: len(self._done)] != self._done:
            self._optimizer, self._done = self._fresh(), []
        while len(told) - len(self._done) >= size:
            begin = len(self._done)
            generation = list(told[begin : begin + size])
            best_first = sorted(generation, key=lambda one: one.rank)
            # Only the order counts, and pruned trials have a place in it.
            points = [self._completed(one) for one in best_first]
            self._optimizer.tell(
                [((p.numbers, p.options), float(place)) for place, p in enumerate(points)]
            )
            self._done += generation
        return self._optimizer

    def _completed(self, told: Observation) -> _Point:
        found = _draw(self._optimizer, key_of(self._seed, "cmaes", told.number) % 2**32)
        for i, (name, axis) in enumerate(self._numbers.items()):
            if name in told.active:
                found.numbers[i] = place_of(axis, float(told.answers[name]))
        for i, (name, choice) in enumerate(self._choices.items()):
            if name in told.active:
                found.options[i] = False
                found.options[i, choice.options.index(told.answers[name])] = True
        return found

    def _fresh(self) -> Any:
        # It wants two numbers and one choice at least; what is not there moves nothing.
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
