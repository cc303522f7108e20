"""Half the batch for a trial that ran out of memory, and what it stands for."""

from dataclasses import dataclass, field

from autotrick.recipe import Recipe
from autotrick.space import SearchSpace, why_not_in_space

OUT_OF_MEMORY = "out_of_memory"


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
class Halves:
    """What the halves in a study stand for.

    A recipe decides a trial, so another batch is another trial. It stands for the recipe that it
    replaces, whose batch the space has. Where the space has the half too, that is a recipe like any:
    it stands for itself, and the one that ran out of memory stays failed.
    """

    space: SearchSpace
    _meant: dict[str, Recipe] = field(default_factory=dict)

    @property
    def on(self) -> bool:
        """Whether there are any; none in a population."""
        wanted = self.space.study.on_out_of_memory == "smaller_batch"
        return wanted and not self.space.pruning.moves

    def of(self, recipe: Recipe, reason: str | None) -> Recipe | None:
        """Return the half of a recipe that failed for a reason; None where none is tried."""
        return halved(recipe) if self.on and reason == OUT_OF_MEMORY else None

    def failed(self, recipe: Recipe, reason: str | None) -> bool:
        """Take in a failed trial; return whether another stands for it."""
        half = self.of(recipe, reason)
        if half is None or not why_not_in_space(self.space, half):
            return False
        self._meant[half.digest()] = self.meant(recipe)
        return True

    def replaced(self, recipe: Recipe, reason: str | None) -> bool:
        """Return whether another stands for a failed one that was taken in."""
        half = self.of(recipe, reason)
        return half is not None and half.digest() in self._meant

    def meant(self, recipe: Recipe) -> Recipe:
        """Return the recipe of the space that this one stands for: mostly itself."""
        return self._meant.get(recipe.digest(), recipe) if self._meant else recipe
