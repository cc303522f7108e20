"""Which proposals are turned away before they are trained, and why."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from autotrick.errors import SpaceError
from autotrick.measures import worded
from autotrick.recipe import Recipe
from autotrick.records import RejectionRow

TRIES = 100
"""Proposals for one trial that are turned away, at most, before the search gives up."""

_MOST = 10.0
"""The largest excess that is told apart."""

Costs = Callable[[Recipe], Mapping[str, float]]


@dataclass(frozen=True, slots=True)
class Violation:
    """A constraint that a recipe breaks.

    Attributes:
        value: What the recipe has of the measure.
        bound: What it may have at most.
    """

    measure: str
    value: float
    bound: float

    @property
    def excess(self) -> float:
        """By how much the value is over the bound, as a share of that; above 0, at most 10."""
        return min(self.value / self.bound - 1, _MOST)

    def __str__(self) -> str:
        value, bound = worded(self.measure, self.value), worded(self.measure, self.bound)
        return f"{self.measure} {value}, at most {bound}"


class ConstraintChecker:
    """Says which constraint a recipe breaks.

    Equal recipes are judged alike: costs are known before, or measured once and kept.
    """

    def __init__(self, bounds: Mapping[str, float], costs: Iterable[Costs]) -> None:
        """Check against upper bounds.

        Args:
            bounds: By measure.
            costs: What gives a recipe's measures, the cheapest first; one that says nothing of a
                measure breaks no bound.
        """
        self.bounds = dict(bounds)
        self._costs = tuple(costs)

    def violation(self, recipe: Recipe) -> Violation | None:
        """Return the bound that the recipe is over most; None when it keeps all of them."""
        return self.weigh(recipe)[0]

    def weigh(self, recipe: Recipe) -> tuple[Violation | None, dict[str, float]]:
        """Return the same, and what was measured to find it."""
        known: dict[str, float] = {}
        for costs in self._costs:
            known |= costs(recipe)
            found = [
                Violation(measure, value, bound)
                for measure, value in known.items()
                if value > (bound := self.bounds.get(measure, value))
            ]
            if found:
                return max(found, key=lambda violation: violation.excess), known
        return None, known

    def again(self, row: RejectionRow) -> Violation | None:
        """Return what a recorded refusal breaks by the bounds of today."""
        bound = self.bounds.get(row.measure, row.value)
        return Violation(row.measure, row.value, bound) if row.value > bound else None


def check(checker: ConstraintChecker, recipes: Iterable[tuple[str, Recipe]]) -> None:
    """Refuse a search of which recipes that it has to try break a constraint.

    Args:
        recipes: With labels.

    Raises:
        SpaceError: One does; the message names it and what it breaks.
    """
    for label, recipe in recipes:
        if violation := checker.violation(recipe):
            raise SpaceError(
                f"constraints.{violation.measure}: the recipe {label!r} ({recipe.architecture}), which "
                f"the search has to try, has {violation}. Raise the bound, or change the recipe."
            )


def too_little(refusals: Iterable[Violation]) -> str:
    """Return in words why a search ends that finds nothing that keeps the constraints."""
    measures = [violation.measure for violation in refusals]
    counted = ", ".join(f"{name} {measures.count(name)}" for name in dict.fromkeys(measures))
    return (
        f"the constraints leave too little: {len(measures)} proposals in a row break them "
        f"({counted}). Raise the bounds of [constraints], or let more vary"
    )
