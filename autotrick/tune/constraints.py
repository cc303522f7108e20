"""Upper bounds on the costs of a recipe, checked before training on the driver's machine."""

from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass

from autotrick import records
from autotrick.data import Dataset, load
from autotrick.errors import NotFoundError, RecipeError, SpaceError, TrainingError
from autotrick.measures import worded
from autotrick.own_code import CodeRecord
from autotrick.recipe import Recipe
from autotrick.records import Database, RejectionRow
from autotrick.space import SearchSpace
from autotrick.tune.resources import Resources

MOST_REJECTIONS = 100
"""Rejected candidates for one trial after which the search gives up."""

COUNTED = ("parameters", "multiply_adds")

_LARGEST_EXCESS = 10.0

Costs = Callable[[Recipe], Mapping[str, float]]


@dataclass(frozen=True, slots=True)
class Violation:
    """A constraint that a recipe violates.

    Attributes:
        value: The recipe's value of the measure.
        bound: The largest value allowed.
    """

    measure: str
    value: float
    bound: float

    @property
    def excess(self) -> float:
        """By how much the value is over the bound, as a share of the bound; above 0, at most 10."""
        return min(self.value / self.bound - 1, _LARGEST_EXCESS)

    def __str__(self) -> str:
        value, bound = worded(self.measure, self.value), worded(self.measure, self.bound)
        return f"{self.measure} {value}, at most {bound}"


class ConstraintChecker:
    """Tells which constraint a recipe violates.

    Equal recipes get equal answers: costs are known, or measured once and stored.
    """

    def __init__(self, bounds: Mapping[str, float], costs: Iterable[Costs]) -> None:
        """Check upper bounds.

        Args:
            bounds: The largest allowed value by measure.
            costs: Functions that return measures of a recipe, the cheapest first. A measure that
                none returns violates no bound.
        """
        self.bounds = dict(bounds)
        self._costs = tuple(costs)

    def violation(self, recipe: Recipe) -> Violation | None:
        """Return the bound that the recipe exceeds most; None if it exceeds none."""
        return self.check(recipe)[0]

    def check(self, recipe: Recipe) -> tuple[Violation | None, dict[str, float]]:
        """Return the bound that the recipe exceeds most, and what was measured to find it."""
        measures: dict[str, float] = {}
        for costs in self._costs:
            measures |= costs(recipe)
            found = [
                Violation(measure, value, bound)
                for measure, value in measures.items()
                if value > (bound := self.bounds.get(measure, value))
            ]
            if found:
                return max(found, key=lambda violation: violation.excess), measures
        return None, measures

    def recheck(self, row: RejectionRow) -> Violation | None:
        """Return what a recorded rejection violates by the bounds of today."""
        bound = self.bounds.get(row.measure, row.value)
        return Violation(row.measure, row.value, bound) if row.value > bound else None


def checker_of(
    space: SearchSpace,
    resources: Resources,
    required: Iterable[tuple[str, Recipe]] = (),
    measured: Callable[[], Iterable[tuple[Recipe, float]]] = tuple,
) -> ConstraintChecker | None:
    """Return the checker of a space's constraints; None if it has none.

    Args:
        space: With its data's fingerprint.
        required: Recipes, with labels, that the search must try.
        measured: Returns the recipes whose memory is recorded, each with its memory.

    Raises:
        SpaceError: A required recipe violates a constraint.
        ResourceError: A cost cannot be measured here.
    """
    bounds = space.constraints.bounds
    if not bounds:
        return None
    from autotrick.train import cost

    source = _Data(space, resources)
    costs: list[Costs] = []
    if set(COUNTED) & set(bounds):
        costs.append(_MeasuredOnce(source, cost.shape, cost.counts))
    if "latency_ms" in bounds:
        device = resources.device
        costs.append(
            _MeasuredOnce(source, cost.predicting, lambda r, d: cost.latency(r, d, device))
        )
    if "memory" in bounds:
        costs.append(_memory_probe(source, space.code, resources, measured()))
    checker = ConstraintChecker(bounds, costs)
    check_required(checker, required)
    return checker


def check_required(checker: ConstraintChecker, recipes: Iterable[tuple[str, Recipe]]) -> None:
    """Raise SpaceError if a required recipe violates a constraint.

    Args:
        recipes: With labels.

    Raises:
        SpaceError: One does; the message names the recipe and the constraint.
    """
    for label, recipe in recipes:
        if violation := checker.violation(recipe):
            raise SpaceError(
                f"constraints.{violation.measure}: the recipe {label!r} ({recipe.architecture}), which "
                f"the search has to try, has {violation}. Raise the bound, or change the recipe."
            )


def measured_memory(database: Database, study: str) -> list[tuple[Recipe, float]]:
    """Return the recipes of a study whose memory is recorded; none if there is no such study."""
    with suppress(NotFoundError):
        return records.measured_memory(database, study)
    return []


def why_stuck(violations: Iterable[Violation]) -> str:
    """Return in words why a search ends that finds no recipe within the constraints."""
    measures = [violation.measure for violation in violations]
    counted = ", ".join(f"{name} {measures.count(name)}" for name in dict.fromkeys(measures))
    return (
        f"the constraints leave too little: {len(measures)} proposals in a row break them "
        f"({counted}). Raise the bounds of [constraints], or let more vary"
    )


def _memory_probe(
    source: "_Data",
    code: CodeRecord,
    resources: Resources,
    measured: Iterable[tuple[Recipe, float]],
) -> "_MeasuredOnce":
    from autotrick.train import cost, memory_probe

    def ask(recipe: Recipe, _: Dataset) -> Mapping[str, float]:
        question = memory_probe.Question(
            recipe=recipe,
            data_dir=resources.data_dir,
            cache=resources.cache,
            device=resources.device,
            code=code,
            code_folder=resources.code,
        )
        return memory_probe.memory(question)

    known = {cost.occupying(recipe): {"memory": value} for recipe, value in measured}
    return _MeasuredOnce(source, cost.occupying, ask, known)


class _Data:
    """The data of a space, loaded when first asked for."""

    def __init__(self, space: SearchSpace, resources: Resources) -> None:
        self._space = space
        self._resources = resources
        self._data: Dataset | None = None

    def __call__(self) -> Dataset:
        if self._data is None:
            folders = self._resources
            self._data = load(self._space.data, data_dir=folders.data_dir, cache_dir=folders.cache)
        return self._data


class _MeasuredOnce:
    """Measures recipes, once for all that have the same key."""

    def __init__(
        self,
        source: _Data,
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
                # A recipe that cannot be built fails as a trial, where its reason is recorded.
                self._known[key] = {}
        return self._known[key]
