"""Recipes that another version of autotrick recorded, read as far as possible.

Commands that show a study open its database with `unread`, a list that collects what could not be
read. Commands that train recipes open it without, and get an error.
"""

import copy
import json
from collections.abc import Mapping
from typing import Any

from pydantic import (
    PrivateAttr,
    SerializerFunctionWrapHandler,
    ValidationError,
    model_serializer,
)
from sqlalchemy import Connection

from autotrick.errors import RecordsError
from autotrick.recipe import Recipe
from autotrick.records.recipe_columns import read_recipe

OPTION = "autotrick_unread"
"""The connection option that holds the list of what could not be read."""
_STAND_INS: dict[str, Any] = {
    "data": {"name": "unknown"},
    "architecture": "unknown",
    "epochs": 1,
    "batch_size": 1,
    "base_lr": 1.0,
}
_TRIES = 50
_SHOWN = 8


class OtherRecipe(Recipe):
    """The readable part of another version's recipe; it serializes as it was recorded.

    Its digest is that of the recorded JSON, so that it equals no other recipe's.
    """

    _recorded: dict[str, Any] = PrivateAttr(default_factory=dict)

    @model_serializer(mode="wrap")
    def _as_recorded(self, write: SerializerFunctionWrapHandler) -> dict[str, Any]:
        return copy.deepcopy(self._recorded)


def note_unreadable(connection: Connection, sentence: str) -> bool:
    """Note what could not be read; return False if the database was opened without `unread`."""
    unread = connection.get_execution_options().get(OPTION)
    if unread is None:
        return False
    if sentence not in unread:
        unread.append(sentence)
    return True


def recipe_of(
    connection: Connection, recorded: str | Mapping[str, Any], study: str, where: str
) -> Recipe:
    """Return the recipe of a row, or its readable part if the database was opened with `unread`.

    Raises:
        RecordsError: Another version recorded it, and the database was opened without `unread`.
    """
    try:
        return read_recipe(recorded, where)
    except RecordsError as error:
        recipe, unknown = readable_part(recorded)
        parts = ", ".join(unknown[:_SHOWN]) or "all of it"
        if not note_unreadable(
            connection,
            f"recipes of study {study!r} are another version's: this autotrick cannot read {parts}",
        ):
            raise error
        return recipe


def readable_part(recorded: str | Mapping[str, Any]) -> tuple[Recipe, list[str]]:
    """Return the parts of a recipe that this version can read, and the names of the others."""
    table = _table(recorded)
    readable, unknown = copy.deepcopy(table), list[str]()
    for _ in range(_TRIES):
        try:
            recipe = OtherRecipe.model_validate(readable)
        except ValidationError as error:
            _remove_unreadable(readable, error, unknown)
        else:
            break
    else:
        readable, recipe = {}, OtherRecipe.model_validate(_STAND_INS)
    recipe._recorded = table
    return recipe, sorted(set(unknown))


def _table(recorded: str | Mapping[str, Any]) -> dict[str, Any]:
    if isinstance(recorded, str):
        try:
            recorded = json.loads(recorded)
        except (ValueError, RecursionError):
            return {}
    return dict(recorded) if isinstance(recorded, Mapping) else {}


def _remove_unreadable(recipe: dict[str, Any], error: ValidationError, unknown: list[str]) -> None:
    """Remove from a recipe what its model rejects."""
    for fault in error.errors():
        path = fault["loc"]
        if not path:  # parts that contradict each other: drop the new ones
            unknown += [name for name in ("course", "fidelity") if name in recipe]
            recipe.pop("course", None)
            recipe.pop("fidelity", None)
            continue
        unknown.append(".".join(map(str, path[:2])))
        table, last = recipe, path[0]
        if len(path) > 1 and isinstance(table.get(str(last)), dict) and fault["type"] != "missing":
            table, last = table[str(last)], path[1]
        table.pop(str(last), None)
        if table is recipe and last in _STAND_INS:
            table[str(last)] = copy.deepcopy(_STAND_INS[str(last)])
        elif table is not recipe and fault["type"] != "extra_forbidden" and path[0] in _STAND_INS:
            recipe[str(path[0])] = copy.deepcopy(_STAND_INS[str(path[0])])
