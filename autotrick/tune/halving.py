"""Half the batch for a trial that ran out of memory."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from autotrick.recipe import Recipe
from autotrick.records import TrialRow

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
    sampler it stands for the recipe that it replaces, whose batch the space has.

    Attributes:
        on: Whether any are.
    """

    on: bool
    _left: list[tuple[int, Recipe]] = field(default_factory=list)
    _meant: dict[str, Recipe] = field(default_factory=dict)

    def replay(self, rows: Iterable[TrialRow]) -> None:
        """Take in what is on record, by number."""
        if not self.on:
            return
        known = {row.digest for row in rows}
        for row in rows:
            if row.state == "failed" and self.failed(row.number, row.recipe, row.reason):
                _, half = self._left[-1]
                if half.digest() in known:
                    self._left.pop()

    def failed(self, number: int, recipe: Recipe, reason: str | None) -> bool:
        """Take in a failed trial; return whether another will take its place."""
        half = halved(recipe)
        if half is None or not self.replaces(recipe, reason):
            return False
        self._left.append((number, half))
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
        replaced = row.state == "failed" and self.replaces(row.recipe, row.reason)
        reason = REPLACED if replaced else row.reason
        return replace(row, recipe=self.meant(row.recipe), reason=reason) if self.on else row

    def replaces(self, recipe: Recipe, reason: str | None) -> bool:
        """Return whether another trial takes the place of one that failed for this reason."""
        return self.on and reason == OUT_OF_MEMORY and halved(recipe) is not None

    def meant(self, recipe: Recipe) -> Recipe:
        """Return the recipe of the space that this one stands for: mostly itself."""
        return self._meant.get(recipe.digest(), recipe) if self._meant else recipe
