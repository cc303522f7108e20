"""The columns and settings that a database row derives from a recipe."""

import hashlib
import sys
from collections.abc import Iterable, Iterator, Mapping
from math import isfinite
from typing import Any
from urllib.parse import quote, unquote

from pydantic import ValidationError

from autotrick.augment.policies import fault
from autotrick.errors import RecordsError
from autotrick.recipe import Recipe


def recipe_columns(recipe: Recipe) -> dict[str, Any]:
    """Return the columns of a trial that follow from its recipe."""
    # Reading alone does not need the tricks, which take time to import.
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
        "lr": _clipped(peak_lr(recipe)),
        "tricks": join_tricks(recipe.tricks),
    }


def read_recipe(recorded: str | Mapping[str, Any], where: str) -> Recipe:
    """Return the recipe of a row, from JSON text or parsed JSON.

    Args:
        where: Names the row; begins the error message.

    Raises:
        RecordsError: Another version recorded the recipe, and this one cannot read it.
    """
    try:
        if isinstance(recorded, str):
            return Recipe.model_validate_json(recorded)
        return Recipe.model_validate(recorded)
    except ValidationError as error:
        raise RecordsError(
            f"{where} has a recipe that this autotrick cannot read: {error.errors()[0]['msg']}. "
            "It was recorded by another version."
        ) from error


LONGEST_TEXT = 200
"""Characters of a text that fit into an index."""

POLICY_PARTS = ("operation", "probability", "magnitude")
"""What an entry of an augmentation policy consists of."""

MOST_ENTRIES = 500
"""Entries of a policy up to which each has rows: three of them for each trial of that policy."""


def setting_rows(recipe: Recipe) -> Iterator[dict[str, Any]]:
    """Yield the rows of a trial's settings: one for each trick that is on, one for each setting.

    An augmentation policy has a row for each operation that it uses and for each part of its entries.
    Other lists, tables, and names that are not identifiers have no row: no filter can use them.
    """
    for trick, settings in recipe.tricks.items():
        if not trick.isidentifier():
            continue
        yield {"name": trick, "value": None, "text": None}
        for setting, value in settings.items():
            if setting.isidentifier() and isinstance(value, bool | int | float | str):
                yield {"name": f"{trick}.{setting}"} | _value_columns(value)
            elif setting.isidentifier() and isinstance(value, list):
                yield from _policy_rows(f"{trick}.{setting}", value)


def _policy_rows(name: str, policy: list[Any]) -> Iterator[dict[str, Any]]:
    """Yield the rows of a policy's operations and entries, named as a space's decisions name them.

    The entries of a policy that is longer than any search composes have no rows.
    """
    if fault(policy) is not None:
        return
    entries = [
        (f"{name}.{i}.{j}", step) for i, steps in enumerate(policy) for j, step in enumerate(steps)
    ]
    for operation in sorted({step[0] for _, step in entries if step[1] > 0}):
        yield {"name": f"{name}.{operation}", "value": None, "text": None}
    for entry, step in entries if len(entries) <= MOST_ENTRIES else ():
        for part, value in zip(POLICY_PARTS, step, strict=True):
            yield {"name": f"{entry}.{part}"} | _value_columns(value)


def _value_columns(value: float | str) -> dict[str, Any]:
    """Return the columns that a filter compares: `value` for a number, `text` otherwise."""
    if isinstance(value, bool):
        return {"value": None, "text": switch_text(value)}
    if isinstance(value, str):
        return {"value": None, "text": text_key(value)}
    return {"value": _clipped(value), "text": None}


def _clipped(value: float) -> float:
    """Return the number, clipped to the largest that a column can hold."""
    most = sys.float_info.max
    return float(max(-most, min(value, most)))


def switch_text(value: bool) -> str:
    """Return the text that stands for a switch among the settings."""
    return "true" if value else "false"


def text_key(text: str) -> str:
    """Return the text, or its digest if the database cannot store it or it is too long."""
    if len(text) <= LONGEST_TEXT and text.isprintable():
        return text
    return "sha256:" + hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()


MEASURED = ("multiply_adds", "latency_ms", "robustness", "memory", "score")
"""Columns that the worker, the objective or a constraint fills in, not the epoch reports."""


def measure_columns(measures: Mapping[str, float]) -> dict[str, float]:
    """Return the columns for these measures; a value that is not finite counts as not measured.

    PostgreSQL would store NaN and rank it highest; SQLite cannot store it.
    """
    known = {name: measures[name] for name in ("parameters", *MEASURED) if name in measures}
    return {name: value for name, value in known.items() if isfinite(value)}


def phase_columns(phase: str | None, design: Mapping[str, Any] | None) -> dict[str, Any]:
    """Return the columns of a trial's place in its study's plan."""
    return {"phase": phase, "design": None if design is None else dict(design)}


def join_tricks(names: Iterable[str]) -> str:
    """Return the names of tricks as one text: sorted, with a blank before and after each."""
    return " ".join(["", *sorted(map(quote, names)), ""])


def split_tricks(text: str) -> tuple[str, ...]:
    """Return the names in a text that `trick_set` returned."""
    return tuple(map(unquote, text.split()))
