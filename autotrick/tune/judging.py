"""The judge of a space's constraints on this machine."""

from collections.abc import Mapping

from autotrick.data import Dataset, load
from autotrick.recipe import Recipe
from autotrick.space import SearchSpace
from autotrick.tune.constraints import Judge
from autotrick.tune.resources import Resources

COUNTED = ("parameters", "multiply_adds")


def judge_of(space: SearchSpace, resources: Resources) -> Judge | None:
    """Return who judges the recipes of a space; None where nothing is asked of them.

    Args:
        space: With its data's fingerprint.
    """
    bounds = space.constraints.bounds
    if not bounds:
        return None
    counted = [Counts(space, resources)] if set(COUNTED) & set(bounds) else []
    return Judge(bounds, counted)


class Counts:
    """Counts weights and multiply-adds, once for all recipes of one shape."""

    def __init__(self, space: SearchSpace, resources: Resources) -> None:
        """Count nothing yet; not even the data are opened."""
        self._space = space
        self._resources = resources
        self._data: Dataset | None = None
        self._known: dict[str, Mapping[str, float]] = {}

    def __call__(self, recipe: Recipe) -> Mapping[str, float]:
        """Return what a recipe costs."""
        from autotrick.train.cost import counts, shape

        key = shape(recipe)
        if key not in self._known:
            self._known[key] = counts(recipe, self._loaded())
        return self._known[key]

    def _loaded(self) -> Dataset:
        if self._data is None:
            places = self._resources
            self._data = load(self._space.data, data_dir=places.data_dir, cache_dir=places.cache)
        return self._data
