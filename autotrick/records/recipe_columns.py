"""What a trial's row says about its recipe beside the recipe itself."""

import hashlib
import sys
from collections.abc import Iterable, Iterator, Mapping
from math import isfinite
from typing import Any
from urllib.parse import quote, unquote

from pydantic import ValidationError

from autotrick.errors import RecordsError
from autotrick.recipe import Recipe


def recipe_columns(recipe: Recipe) -> dict[str, Any]:
    """Return the columns of a trial that its recipe decides."""
    # Who only reads need not load the tricks.
    from autotrick.tricks import peak_lr

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
        "accumulation": recipe.accumulation,
        "lr": _held(peak_lr(recipe)),
        "tricks": trick_set(recipe.tricks),
    }


def read_recipe(recorded: str | Mapping[str, Any], place: str) -> Recipe:
    """Return the recipe that a row holds, as JSON or read already.

    Args:
        place: What has it, for the message.

    Raises:
        RecordsError: It is another version's.
    """
    try:
        if isinstance(recorded, str):
            return Recipe.model_validate_json(recorded)
        return Recipe.model_validate(recorded)
    except ValidationError as error:
        raise RecordsError(
            f"{place} has a recipe that this autotrick cannot read: {error.errors()[0]['msg']}. "
            "It was recorded by another version."
        ) from error


LONGEST_TEXT = 200
"""Characters of a text that stand in an index, which has bounds."""


def setting_rows(recipe: Recipe) -> Iterator[dict[str, Any]]:
    """Give the rows of a trial's settings: one for each trick that is on, one for each value.

    What a filter cannot name or compare has none: lists, tables, names that are not identifiers.
    """
    for trick, settings in recipe.tricks.items():
        if not trick.isidentifier():
            continue
        yield {"name": trick, "value": None, "text": None}
        for setting, value in settings.items():
            if setting.isidentifier() and isinstance(value, bool | int | float | str):
                yield {"name": f"{trick}.{setting}"} | _compared(value)


def _compared(value: float | str) -> dict[str, Any]:
    """Return the columns by which a value is found: numbers as numbers, all else as text."""
    if isinstance(value, bool):
        return {"value": None, "text": truth(value)}
    if isinstance(value, str):
        return {"value": None, "text": text_key(value)}
    return {"value": _held(value), "text": None}


def _held(value: float) -> float:
    """Return the number, or the greatest that a column holds in place of one beyond it."""
    most = sys.float_info.max
    return float(max(-most, min(value, most)))


def truth(value: bool) -> str:
    """Return the text that a switch among the settings has."""
    return "true" if value else "false"


def text_key(text: str) -> str:
    """Return the text, or a digest of one that is long or holds what no database stores."""
    if len(text) <= LONGEST_TEXT and text.isprintable():
        return text
    return "sha256:" + hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()


MEASURED = ("multiply_adds", "latency_ms", "robustness", "memory", "score")
"""Columns that a trial's worker, the objective or a constraint fill in, beside what its reports say."""


def measured_columns(measures: Mapping[str, float]) -> dict[str, float]:
    """Return of what was measured the columns that hold it.

    What is not finite counts as not measured: one database would keep it, and hold NaN to be the
    highest of all numbers, the other would not.
    """
    known = {name: measures[name] for name in ("parameters", *MEASURED) if name in measures}
    return {name: value for name, value in known.items() if isfinite(value)}


def trick_set(names: Iterable[str]) -> str:
    """Return the names of tricks as one text, sorted, with a blank on either side of each."""
    return " ".join(["", *sorted(map(quote, names)), ""])


def tricks_of(text: str) -> tuple[str, ...]:
    """Return the names of which `trick_set` made a text."""
    return tuple(map(unquote, text.split()))
