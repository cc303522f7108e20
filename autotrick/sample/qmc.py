"""Methods that spread recipes evenly: quasi-random points, and the full grid."""

from collections.abc import Container
from math import gcd
from typing import Any

from autotrick.domain import Chooser, ReplayChooser, from_unit
from autotrick.random_streams import key_of
from autotrick.recipe import digest_of
from autotrick.sample.method import Method, UnitCubeMethod
from autotrick.sample.observations import Observations
from autotrick.space import Grid, SearchSpace

_GOLDEN = 0.618034


class Qmc(UnitCubeMethod):
    """Scrambled Sobol points of the unit cube: they leave smaller gaps than random ones.

    Sobol 1967, with the scrambling of Owen (1998); Bergstra and Bengio, JMLR 2012, section 5, for
    hyperparameters.
    """

    learns = False

    def __init__(self, space: SearchSpace, seed: int) -> None:
        super().__init__(space, seed)
        self._engines: dict[int, Any] = {}

    def choose(
        self, observations: Observations, number: int, attempt: int, taken: Container[str]
    ) -> Chooser:
        point = self._point(number, attempt)
        axes = self.box.axes.items()
        return self.box.chooser(
            {name: from_unit(axis, u) for (name, axis), u in zip(axes, point, strict=True)}
        )

    def _point(self, index: int, attempt: int) -> list[float]:
        # Takes seconds to import; the other methods do not need it.
        from scipy.stats.qmc import Sobol

        if not self.box.axes:
            return []
        engine = self._engines.get(attempt)
        if engine is None or engine.num_generated > index:
            seed = key_of(self._seed, "qmc", attempt)
            engine = self._engines[attempt] = Sobol(len(self.box.axes), rng=seed)
        if index > engine.num_generated:
            engine.fast_forward(index - engine.num_generated)
        return [float(u) for u in engine.random(1)[0]]


class FullGrid(Method):
    """Every recipe once, in an order that jumps about so that the first ones are spread too."""

    learns = False

    def __init__(self, space: SearchSpace, seed: int) -> None:
        super().__init__(space, seed)
        self._grid = Grid(space)
        self.size = self._grid.size
        step = max(1, _golden(self.size))
        while gcd(step, self.size) > 1:
            step += 1
        self._step, self._first = step, key_of(seed, "grid") % self.size
        self._keys: list[str] = []

    def choose(
        self, observations: Observations, number: int, attempt: int, taken: Container[str]
    ) -> Chooser:
        found = (k for k in range(self._grid.size) if self._key(k) not in taken)
        # After the end the grid begins again.
        index = next(found, number % self._grid.size)
        return ReplayChooser(self.space.answers(self._recipe(index)))

    def sparse(
        self, chooser: Chooser, observations: Observations, number: int, attempt: int
    ) -> Chooser:
        # Every recipe is tried, also those with many tricks.
        return chooser

    def _recipe(self, index: int) -> Any:
        return self._grid.recipe((self._first + index * self._step) % self._grid.size)

    def _key(self, index: int) -> str:
        while len(self._keys) <= index:
            answers = self.space.answers(self._recipe(len(self._keys)))
            self._keys.append(digest_of(answers))
        return self._keys[index]


def _golden(size: int) -> int:
    # A float cannot hold the number of recipes of many long lists.
    return round(_GOLDEN * size) if size < 2**53 else size * 618_034 // 1_000_000
