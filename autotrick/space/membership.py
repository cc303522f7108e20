"""Whether a recipe belongs to a space."""

from autotrick.domain import ReplayChooser
from autotrick.errors import SpaceError
from autotrick.recipe import Recipe
from autotrick.space.model import SearchSpace


def why_not_in_space(space: SearchSpace, recipe: Recipe) -> str:
    """Return why a recipe does not belong to a space; empty if it does.

    Data and seed may differ: they are not decisions.
    """
    try:
        found = space.decide(ReplayChooser(space.answers(recipe)))
    except SpaceError as error:
        return str(error).rstrip(".")
    for field in Recipe.model_fields:
        mine, recorded = getattr(found, field), getattr(recipe, field)
        if field not in ("data", "seed") and mine != recorded:
            return f"{field} is {recorded!r}, and the space has {mine!r}"
    return ""
