"""Recorded curves as truth: what each trick is worth in a table of which every recipe was trained."""

from functools import cached_property
from itertools import product
from statistics import median

from autotrick.errors import SpaceError
from autotrick.recipe import Recipe
from autotrick.space import SearchSpace
from benchmarks import curves
from benchmarks.curves import Curve, Recorded


class Table:
    """A recorded table. Its recipes were trained once, so a value holds its own noise."""

    def __init__(self, name: str) -> None:
        self._recorded: Recorded = curves.read(name)
        self.space: SearchSpace = self._recorded.space

    @property
    def epochs(self) -> int:
        """Return the epochs of a complete trial."""
        return self._recorded.epochs

    def kind(self, trick: str) -> str:
        """Return the trick's name: each is its own kind."""
        return trick

    def find(self, recipe: Recipe) -> Curve:
        """Return the recorded training of a recipe."""
        return self._recorded.find(recipe)

    def value(self, recipe: Recipe) -> float | None:
        """Return the final value in percent; None of a recipe that is not in the space or diverged."""
        try:
            curve = self.find(recipe)
        except SpaceError:
            return None
        final = 100 * curve.accuracy[-1] if curve.accuracy and not curve.failure else 0.0
        return final if final >= self._fence else None

    @cached_property
    def best(self) -> float:
        """Return the highest final value in percent."""
        return 100 * self._recorded.best

    def regret(self, tricks: frozenset[str], around: Recipe) -> float:
        """Return by how many points a set of tricks falls short of the best one.

        Args:
            around: The recipe whose rate, batch and network both have.
        """
        values = {chosen: self._with(chosen, around) for chosen in self._sets}
        fixed = {name for name, listed in self.space.tricks.items() if listed.always}
        return max(values.values()) - values[tricks | fixed]

    @cached_property
    def _fence(self) -> float:
        finals = [c.accuracy[-1] for c in self._recorded.curves.values() if c.accuracy]
        return 100 * median(finals) / 2

    @cached_property
    def _sets(self) -> list[frozenset[str]]:
        options = [unit.options for unit in self.space.units.units]
        return [frozenset(chosen) - {"off"} for chosen in product(*options)]

    def _with(self, tricks: frozenset[str], around: Recipe) -> float:
        settings = {
            name: {
                key: domain.ends()[0] for key, domain in self.space.tricks[name].settings.items()
            }
            for name in sorted(tricks)
        }
        ordered = {name: settings[name] for name in self.space.tricks if name in settings}
        return self.value(around.model_copy(update={"tricks": ordered})) or 0.0
