"""A fixed list of recipes, each with the same seeds."""

from collections.abc import Iterable, Sequence
from typing import Any

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    SerializerFunctionWrapHandler,
    model_serializer,
)

from autotrick.recipe import Recipe, digest_of
from autotrick.records import RejectionRow, StudyRow, TrialRow
from autotrick.space import Phase
from autotrick.tune.sources.source import Candidate, RecipeSource


class ListedRecipe(BaseModel):
    """A recipe of a list.

    Attributes:
        label: Its name in the list, which its trials have as their origin.
        recipe: The recipe; its seed does not matter.
        seed: The one that it is trained with instead of the list's, which then has one; None for those.
        phase: The phase that its trials belong to, as in a planned study; None for none.
        design: Its place in the design of that phase; plain JSON.
    """

    model_config = ConfigDict(frozen=True)

    label: str
    recipe: Recipe
    seed: int | None = None
    phase: Phase | None = None
    design: dict[str, Any] | None = None

    @model_serializer(mode="wrap")
    def _without_what_is_new(self, write: SerializerFunctionWrapHandler) -> dict[str, Any]:
        # Lists of old keep their digest.
        table: dict[str, Any] = write(self)
        return {name: value for name, value in table.items() if value is not None}


class RecipeList(BaseModel):
    """Recipes x seeds: every recipe is trained once with every seed.

    All recipes have the same seeds, so that those of one seed are paired: equal networks have equal
    initial weights and see the images in the same order.
    """

    model_config = ConfigDict(frozen=True)

    recipes: tuple[ListedRecipe, ...] = Field(min_length=1)
    seeds: tuple[int, ...] = Field(min_length=1)

    def __len__(self) -> int:
        return len(self.recipes) * len(self.seeds)

    def trial(self, number: int) -> tuple[ListedRecipe, Recipe]:
        """Return the entry and the recipe of a trial: all recipes with the first seed come first."""
        turn, i = divmod(number, len(self.recipes))
        listed = self.recipes[i]
        seed = self.seeds[turn] if listed.seed is None else listed.seed
        return listed, listed.recipe.model_copy(update={"seed": seed})

    def digest(self) -> str:
        """Return 16 hex digits that name the list, whatever the fingerprint of its data."""
        plain: dict[str, Any] = self.model_dump(mode="json")
        for listed in plain["recipes"]:
            listed["recipe"]["data"]["fingerprint"] = ""
        return digest_of(plain)


class ListSource(RecipeSource):
    """Gives the trials of a list in order; no result changes anything."""

    def __init__(self, recipes: RecipeList) -> None:
        self._list = recipes

    def replay(self, rows: Sequence[TrialRow], rejections: Iterable[RejectionRow] = ()) -> None:
        """Do nothing: the number of a trial decides its recipe."""

    def left(self, number: int) -> int | None:
        return max(0, len(self._list) - number)

    def why_exhausted(self, unused: int) -> str:
        return "all recipes of the list have been tried"

    def ask(self, number: int) -> Candidate:
        listed, recipe = self._list.trial(number)
        return Candidate(number, recipe, listed.label, phase=listed.phase, design=listed.design)


def recipes_of(study: StudyRow) -> RecipeList | None:
    """Return the recorded recipes of a list study; None for a study that samples its recipes."""
    recorded = study.settings.recipes
    return RecipeList.model_validate(recorded) if recorded else None
