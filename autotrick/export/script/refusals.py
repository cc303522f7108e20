"""What a program cannot express."""

from __future__ import annotations

from autotrick.errors import RecipeError
from autotrick.export.script.tricks import WRITERS
from autotrick.recipe import Recipe
from autotrick.tasks import CLASSIFICATION
from autotrick.tricks import TRICKS, assemble


def missing_tricks() -> list[str]:
    """Return the tricks that programs cannot express, by name."""
    return sorted(TRICKS.keys() - WRITERS.keys())


def refuse(recipe: Recipe) -> None:
    """Raise RecipeError if a program cannot express a recipe.

    Raises:
        RecipeError: One sentence that names what.
    """
    missing = sorted(trick.name for trick in assemble(recipe) if trick.name not in WRITERS)
    found = [f"the trick {name}" for name in missing]
    parts = {
        "accumulation": recipe.accumulation > 1,
        "a course of changing settings": bool(recipe.course),
        "epochs at reduced fidelity": recipe.fidelity is not None,
        "a compiled network": recipe.compiled,
        f"the task {recipe.task}": recipe.task != CLASSIFICATION.name,
        "data without a fingerprint": not recipe.data.fingerprint,
    }
    found += [name for name, present in parts.items() if present]
    if found:
        raise RecipeError(f"train.py cannot express {' and '.join(found)}.")
