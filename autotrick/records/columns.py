"""What a trial's row says about its recipe beside the recipe itself."""

from collections.abc import Iterable, Mapping
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
        "scaling_exponent": recipe.scaling_exponent,
        "weight_decay": recipe.weight_decay,
        "momentum": recipe.momentum,
        "tricks": trick_set(recipe.tricks),
    }


MEASURED = ("multiply_adds", "latency_ms", "robustness", "score")
"""Columns of a trial that its worker or the objective fill in, beside what its reports say."""


def measured_columns(measures: Mapping[str, float]) -> dict[str, float]:
    """Return of what was measured the columns that hold it."""
    return {name: measures[name] for name in ("parameters", *MEASURED) if name in measures}


def trick_set(names: Iterable[str]) -> str:
    """Return the names of tricks as one text, sorted, with a blank on either side of each."""
    return " ".join(["", *sorted(map(quote, names)), ""])


def tricks_of(text: str) -> tuple[str, ...]:
    """Return the names of which `trick_set` made a text."""
    return tuple(map(unquote, text.split()))
