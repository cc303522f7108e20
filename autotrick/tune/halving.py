"""Half the batch for a trial that ran out of memory."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from autotrick.recipe import Recipe
from autotrick.records import TrialRow
from autotrick.space import SearchSpace, stranger

OUT_OF_MEMORY = "out_of_memory"
REPLACED = "replaced"


def halved(recipe: Recipe) -> Recipe | None:
    """Return the recipe with half the batch and twice the batches an update; None if it is odd.

    Examples of an update, and so the learning rate, stay as they are; statistics of a batch, as
    batch normalisation takes them, are of half as many examples.
    """
    if recipe.batch_size % 2:
        return None
    changed = {"batch_size": recipe.batch_size // 2, "accumulation": 2 * recipe.accumulation}
    return recipe.model_copy(update=changed)


@dataclass
class Halving:
    """Which trials are to be tried again with half the batch.

    A recipe decides a trial, so another batch is another trial, which takes the next number. For the
    sampler it stands for the recipe that it replaces, whose batch the space has. Where the space has
    the half too, that is a recipe like any: it stands for itself, it is not tried again where a trial
    has it already, and the one that ran out of memory stays failed.
    """

    space: SearchSpace
    _left: list[tuple[int, Recipe]] = field(default_factory=list)
    _meant: dict[str, Recipe] = field(default_factory=dict)
    _begun: set[str] = field(default_factory=set)

    def replay(self, rows: Sequence[TrialRow]) -> None:
        """Take in what is on record, by number."""
        if self.on:
            self._begun = {row.digest for row in rows}
            for row in rows:
                if row.state == "failed":
                    self.failed(row.number, row.recipe, row.reason)

    @property
    def on(self) -> bool:
        """Whether any are; none in a population."""
        wanted = self.space.study.on_out_of_memory == "smaller_batch"
        return wanted and not self.space.pruning.moves

    @property
    def waits(self) -> bool:
        """Whether one is to be tried next."""
        return bool(self._left)

    def begun(self, recipe: Recipe) -> None:
        """Take in that a trial has a recipe."""
        if self.on:
            self._begun.add(recipe.digest())

    def failed(self, number: int, recipe: Recipe, reason: str | None) -> bool:
        """Take in a failed trial; return whether another takes its place."""
        half = halved(recipe)
        if half is None or not self.on or reason != OUT_OF_MEMORY:
            return False
        if half.digest() not in self._begun:
            self._left.append((number, half))
        if not stranger(self.space, half):
            return False
        self._meant[half.digest()] = self.meant(recipe)
        return True

    def next(self) -> tuple[Recipe, str] | None:
        """Return the next recipe to try again and its origin, or None."""
        if not self._left:
            return None
        number, recipe = self._left.pop(0)
        return recipe, f"trial {number} with half the batch"

    def told(self, row: TrialRow) -> TrialRow:
        """Return a recorded trial as the sampler is told of it, whom a replaced one teaches nothing."""
        if not self.on:
            return row
        half = halved(row.recipe) if row.reason == OUT_OF_MEMORY else None
        replaced = half is not None and half.digest() in self._meant
        return replace(
            row, recipe=self.meant(row.recipe), reason=REPLACED if replaced else row.reason
        )

    def meant(self, recipe: Recipe) -> Recipe:
        """Return the recipe of the space that this one stands for: mostly itself."""
        return self._meant.get(recipe.digest(), recipe) if self._meant else recipe
