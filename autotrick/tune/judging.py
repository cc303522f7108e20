"""The checker of a space's constraints on this machine."""

from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress

from autotrick import records
from autotrick.data import Dataset, load
from autotrick.errors import NotFoundError, RecipeError, TrainingError
from autotrick.recipe import Recipe
from autotrick.records import Database
from autotrick.space import SearchSpace
from autotrick.tune.constraints import ConstraintChecker, Costs, check
from autotrick.tune.resources import Resources

COUNTED = ("parameters", "multiply_adds")


def checker_of(
    space: SearchSpace,
    resources: Resources,
    demanded: Iterable[tuple[str, Recipe]] = (),
    measured: Callable[[], Iterable[tuple[Recipe, float]]] = tuple,
) -> ConstraintChecker | None:
    """Return who judges the recipes of a space; None where nothing is asked of them.

    Args:
        space: With its data's fingerprint.
        demanded: Recipes, with labels, that the search has to try.
        measured: Gives the recipes whose memory is on record, with that.

    Raises:
        SpaceError: One of those breaks a constraint.
        ResourceError: What is asked for cannot be measured here.
    """
    bounds = space.constraints.bounds
    if not bounds:
        return None
    from autotrick.train import cost

    source = _Source(space, resources)
    costs: list[Costs] = []
    if set(COUNTED) & set(bounds):
        costs.append(_Known(source, cost.shape, cost.counts))
    if "latency_ms" in bounds:
        device = resources.device
        costs.append(_Known(source, cost.predicting, lambda r, d: cost.latency(r, d, device)))
    if "memory" in bounds:
        costs.append(_probing(source, resources, measured()))
    checker = ConstraintChecker(bounds, costs)
    check(checker, demanded)
    return checker


def recalled(database: Database, study: str) -> list[tuple[Recipe, float]]:
    """Return the recipes of a study, if it is there, whose memory is on record."""
    with suppress(NotFoundError):
        return records.memories(database, study)
    return []


def _probing(
    source: "_Source", resources: Resources, measured: Iterable[tuple[Recipe, float]]
) -> "_Known":
    from autotrick.train import cost, memory_probe

    def ask(recipe: Recipe, _: Dataset) -> Mapping[str, float]:
        places, device = resources, resources.device
        return memory_probe.memory(
            memory_probe.Question(
                recipe=recipe, data_dir=places.data_dir, cache=places.cache, device=device
            )
        )

    known = {cost.occupying(recipe): {"memory": value} for recipe, value in measured}
    return _Known(source, cost.occupying, ask, known)


class _Source:
    """The data of a space, opened when they are first asked for."""

    def __init__(self, space: SearchSpace, resources: Resources) -> None:
        self._space = space
        self._resources = resources
        self._data: Dataset | None = None

    def __call__(self) -> Dataset:
        if self._data is None:
            places = self._resources
            self._data = load(self._space.data, data_dir=places.data_dir, cache_dir=places.cache)
        return self._data


class _Known:
    """Measures recipes, once for all that cannot differ in what is measured."""

    def __init__(
        self,
        source: _Source,
        key: Callable[[Recipe], str],
        measure: Callable[[Recipe, Dataset], Mapping[str, float]],
        known: Mapping[str, Mapping[str, float]] | None = None,
    ) -> None:
        self._source = source
        self._key = key
        self._measure = measure
        self._known = dict(known or {})

    def __call__(self, recipe: Recipe) -> Mapping[str, float]:
        key = self._key(recipe)
        if key not in self._known:
            try:
                self._known[key] = self._measure(recipe, self._source())
            except (RecipeError, TrainingError):
                # A recipe that cannot be built fails as a trial, where its reason is on record.
                self._known[key] = {}
        return self._known[key]
