"""Recipes from which a study chooses its base: network, batch size, rates."""

from collections.abc import Iterator
from itertools import islice

from autotrick.domain import Choice, Float, Integer, Scalar, from_unit
from autotrick.recipe import Recipe
from autotrick.space import (
    SearchSpace,
    all_off,
    on_tricks,
    preferring_published,
    published_defaults,
)
from autotrick.space.fields import CIRCUMSTANCES

SCHEDULES = ("decay", "warmup")
"""Slots of tricks that set the rate along the training."""

_NETWORK = "architecture"
_MISSES = 64
"""Points in a row that lead to a known recipe, after which there are no others."""


class BaseRecipes:
    """The recipe with all tricks off, then recipes with the published schedule, spread evenly.

    The first of those with a schedule has the published settings. What the space leaves open beside tricks
    varies in the others: network, batch size, rates, and so on, but not how long and how exactly a
    recipe is trained. `[study] base` fixes some of it, or all. Every network comes once before any
    comes again.

    The schedule is on because it moves the best rate: without a decay a low rate looks best, and there
    a decay harms; with all published tricks the highest rate would look best. Where nothing but tricks is open there is the first recipe alone.

    The points are those of the sequence R_d of Roberts, "The Unreasonable Effectiveness of Quasirandom
    Sequences", 2018: each part of it is spread evenly in every direction, and in one dimension it
    takes steps of the golden ratio. It begins in the middle.
    """

    def __init__(self, space: SearchSpace) -> None:
        self._space = space
        self._known: list[Recipe] = []
        self._rest = self._spread()

    def count(self, most: int) -> int:
        """Return the number of different recipes, up to `most`."""
        self._fill(most)
        return min(len(self._known), most)

    def recipe(self, index: int) -> Recipe | None:
        """Return a recipe of the sequence; None if it has fewer."""
        self._fill(index + 1)
        return self._known[index] if index < len(self._known) else None

    def _fill(self, count: int) -> None:
        self._known += islice(self._rest, max(0, count - len(self._known)))

    def _spread(self) -> Iterator[Recipe]:
        yield all_off(self._space)
        known: set[str] = {all_off(self._space).digest()}
        index = misses = 0
        spread = _Spread(self._space, 0)
        if not spread.axes:
            return
        while misses < _MISSES:
            recipe = self._at(index)
            misses = misses + 1 if recipe.digest() in known else 0
            if not misses:
                yield recipe
            known.add(recipe.digest())
            index += 1

    def _at(self, index: int) -> Recipe:
        if index == 0:
            return self._space.decide(preferring_published(self._space, SCHEDULES))
        return self._space.decide(_Spread(self._space, index))


class _Spread:
    """A chooser that answers from the point of a sequence, except on tricks and circumstances."""

    def __init__(self, space: SearchSpace, index: int) -> None:
        self._space = space
        self._others = preferring_published(space, SCHEDULES)
        self._index = index
        fixed = {*space.study.base, *CIRCUMSTANCES}
        names = [name for name in _open(space) if name not in fixed]
        self.axes = {name: i for i, name in enumerate(names)}
        self._root = _root(len(names))

    def number(self, name: str, domain: Float) -> float:
        if name not in self.axes:
            return self._others.number(name, domain)
        found = from_unit(domain, self._unit(name))
        assert isinstance(found, float)
        return found

    def integer(self, name: str, domain: Integer) -> int:
        if name not in self.axes:
            return self._others.integer(name, domain)
        found = from_unit(domain, self._unit(name))
        assert isinstance(found, int)
        return found

    def choice(self, name: str, options: tuple[Scalar, ...]) -> Scalar:
        if name not in self.axes:
            return self._others.choice(name, options)
        if name == _NETWORK:
            first = options.index(published_defaults(self._space).architecture)
            return options[(first + self._index) % len(options)]
        return from_unit(Choice(options), self._unit(name))

    def _unit(self, name: str) -> float:
        step = self._root ** -(self.axes[name] + 1)
        return (0.5 + self._index * step) % 1.0


def _open(space: SearchSpace) -> list[str]:
    """Return the decisions of a space that are not on tricks."""
    asked = _Asked()
    for name, domain in space.search.items():
        domain.draw(name, asked)
    for owner, settings in space.architectures.items():
        for name, domain in settings.items():
            domain.draw(f"{owner}.{name}", asked)
    return [name for name in asked.names if not on_tricks(space, name)]


class _Asked:
    """Records the names of decisions."""

    def __init__(self) -> None:
        self.names: list[str] = []

    def number(self, name: str, domain: Float) -> float:
        self.names.append(name)
        return domain.low

    def integer(self, name: str, domain: Integer) -> int:
        self.names.append(name)
        return domain.low

    def choice(self, name: str, options: tuple[Scalar, ...]) -> Scalar:
        self.names.append(name)
        return options[0]


def _root(dimensions: int) -> float:
    """Return the positive root of x^(d+1) = x + 1: the golden ratio in one dimension."""
    x = 2.0
    for _ in range(60):
        x = float((1 + x) ** (1 / (dimensions + 1)))
    return x
