"""What a trial's row says about its recipe beside the recipe itself."""

from collections.abc import Iterable
from typing import Any
from urllib.parse import quote, unquote

from autotrick.recipe import Recipe


def recipe_columns(recipe: Recipe) -> dict[str, Any]:
    """Return the columns of a trial that its recipe decides."""
    return {
        "recipe": recipe.model_dump(mode="json"),
        "digest": recipe.digest(),
        "seed": recipe.seed,
        "architecture": recipe.architecture,
        "batch_size": recipe.batch_size,
        "base_lr": recipe.base_lr,
        "tricks": trick_set(recipe.tricks),
    }


def trick_set(names: Iterable[str]) -> str:
    """Return the names of tricks as one text, sorted, with a blank on either side of each."""
    return " ".join(["", *sorted(map(quote, names)), ""])


def tricks_of(text: str) -> tuple[str, ...]:
    """Return the names of which `trick_set` made a text."""
    return tuple(map(unquote, text.split()))
