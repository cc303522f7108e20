"""Which trials that ran out of memory are tried again with half the batch."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from autotrick.recipe import Recipe
from autotrick.records import TrialRow
from autotrick.sample import Halves
from autotrick.space import SearchSpace

REPLACED = "replaced"


@dataclass
class BatchHalving:
    """Halves that are to be tried.

    Each takes the next number. One that a trial has already is not tried again.
    """

    space: SearchSpace
    _left: list[tuple[int, Recipe]] = field(default_factory=list)
    _begun: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self._halves = Halves(self.space)

    def replay(self, rows: Sequence[TrialRow]) -> None:
        """Take in what is on record, by number."""
        if self._halves.on:
            self._begun = {row.digest for row in rows}
            for row in rows:
                if row.state == "failed":
                    self.failed(row.number, row.recipe, row.reason)

    @property
    def waits(self) -> bool:
        """Whether one is to be tried next."""
        return bool(self._left)

    def begun(self, recipe: Recipe) -> None:
        """Take in that a trial has a recipe."""
        if self._halves.on:
            self._begun.add(recipe.digest())

    def failed(self, number: int, recipe: Recipe, reason: str | None) -> bool:
        """Take in a failed trial; return whether another takes its place."""
        half = self._halves.of(recipe, reason)
        if half is not None and half.digest() not in self._begun:
            self._left.append((number, half))
        return self._halves.failed(recipe, reason)

    def next(self) -> tuple[Recipe, str] | None:
        """Return the next recipe to try again and its origin, or None."""
        if not self._left:
            return None
        number, recipe = self._left.pop(0)
        return recipe, f"trial {number} with half the batch"

    def told(self, row: TrialRow) -> TrialRow:
        """Return a recorded trial as the sampler is told of it, whom a replaced one teaches nothing."""
        if not self._halves.on:
            return row
        replaced = self._halves.replaced(row.recipe, row.reason)
        reason = REPLACED if replaced else row.reason
        return replace(row, recipe=self.meant(row.recipe), reason=reason)

    def meant(self, recipe: Recipe) -> Recipe:
        """Return the recipe of the space that this one stands for: mostly itself."""
        return self._halves.meant(recipe)
