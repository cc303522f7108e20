"""Half the batch for a trial that ran out of memory, and which recipe that replaces."""

from dataclasses import dataclass, field

from autotrick.recipe import Recipe
from autotrick.space import SearchSpace, why_not_in_space

OUT_OF_MEMORY = "out_of_memory"


def halved(recipe: Recipe) -> Recipe | None:
    """Return the recipe with half the batch and twice the batches per update; None if it is odd.

    The examples per update, and so the learning rate, stay the same. Batch statistics, as of batch
    normalisation, come from half as many examples.
    """
    if recipe.batch_size % 2:
        return None
    changed = {"batch_size": recipe.batch_size // 2, "accumulation": 2 * recipe.accumulation}
    return recipe.model_copy(update=changed)


@dataclass
class HalvedRecipes:
    """Knows which recipes with half the batch replace which recipes of a space.

    A recipe decides a trial, so another batch size is another trial. For the sampler it replaces the
    recipe that ran out of memory. If the space contains the half too, it is an ordinary recipe: it
    replaces nothing, and the trial that ran out of memory stays failed.
    """

    space: SearchSpace
    _originals: dict[str, Recipe] = field(default_factory=dict)

    @property
    def enabled(self) -> bool:
        """Whether the study tries halves; a population never does."""
        wanted = self.space.study.on_out_of_memory == "smaller_batch"
        return wanted and not self.space.pruning.moves

    def half_of(self, recipe: Recipe, reason: str | None) -> Recipe | None:
        """Return the half to try after a failure for this reason; None if none is tried."""
        return halved(recipe) if self.enabled and reason == OUT_OF_MEMORY else None

    def record_failure(self, recipe: Recipe, reason: str | None) -> bool:
        """Record a failed trial; return whether its half replaces it."""
        half = self.half_of(recipe, reason)
        if half is None or not why_not_in_space(self.space, half):
            return False
        self._originals[half.digest()] = self.original_recipe(recipe)
        return True

    def is_replaced(self, recipe: Recipe, reason: str | None) -> bool:
        """Return whether a half replaces a failed trial that was recorded."""
        half = self.half_of(recipe, reason)
        return half is not None and half.digest() in self._originals

    def original_recipe(self, recipe: Recipe) -> Recipe:
        """Return the recipe of the space that this one replaces; itself if it replaces none."""
        return self._originals.get(recipe.digest(), recipe) if self._originals else recipe
