"""Proposals that were rejected before training. They use up no trial, and are recorded."""

from datetime import datetime
from math import inf, isinf
from typing import Any

from sqlalchemy import Connection, func, select

from autotrick.recipe import Recipe
from autotrick.records.database import Database, upsert
from autotrick.records.other_versions import recipe_of
from autotrick.records.retry import repeatable
from autotrick.records.rows import RejectionRow
from autotrick.records.schema import Rejection, Trial
from autotrick.records.studies import id_of


def rejection_columns(study_id: int, row: RejectionRow, created: datetime) -> dict[str, Any]:
    """Return the database columns of a rejection."""
    return {
        "study_id": study_id,
        "number": row.number,
        "place": row.place,
        "recipe": row.recipe.model_dump(mode="json"),
        "measure": row.measure,
        "value": None if isinf(row.value) else row.value,
        "bound": row.bound,
        "created": created,
    }


@repeatable
def add_rejection(database: Database, study_id: int, row: RejectionRow) -> None:
    """Record a rejected proposal; a second call changes nothing."""
    values = rejection_columns(study_id, row, database.clock())
    added = upsert(database.dialect, Rejection).values(values)
    with database.writing() as connection:
        connection.execute(added.on_conflict_do_nothing())


@repeatable
def rejections(database: Database, study: str, *, number: int | None = None) -> list[RejectionRow]:
    """Return the proposals that a study rejected, in the order in which they were made.

    Args:
        number: Only proposals for this trial; None for all.

    Raises:
        NotFoundError: The study does not exist.
    """
    names = ("number", "place", "recipe", "measure", "value", "bound")
    table = Rejection.__table__.c
    chosen = select(*(table[name] for name in names)).order_by(table.number, table.place)
    if number is not None:
        chosen = chosen.where(table.number == number)
    with database.reading() as connection:
        chosen = chosen.where(table.study_id == id_of(connection, study))
        return [
            RejectionRow(
                row.number,
                row.place,
                _recipe(connection, study, row),
                row.measure,
                inf if row.value is None else row.value,
                row.bound,
            )
            for row in connection.execute(chosen)
        ]


@repeatable
def rejection_counts(database: Database, study: str) -> dict[str, int]:
    """Return the number of rejected proposals by the measure whose constraint they violate.

    Raises:
        NotFoundError: The study does not exist.
    """
    counted = func.count().label("times")
    chosen = select(Rejection.measure, counted).group_by(Rejection.measure)
    with database.reading() as connection:
        chosen = chosen.where(Rejection.study_id == id_of(connection, study))
        counts = connection.execute(chosen.order_by(counted.desc(), Rejection.measure))
        return {row.measure: row.times for row in counts}


@repeatable
def measured_memory(database: Database, study: str) -> list[tuple[Recipe, float]]:
    """Return recipes with their measured memory in bytes, including those rejected for it.

    The memory is infinite if a recipe needs more than the machine has.

    Raises:
        NotFoundError: The study does not exist.
    """
    measured = select(Trial.number, Trial.recipe, Trial.memory.label("value"))
    measured = measured.where(Trial.memory.is_not(None))
    rejected = select(Rejection.number, Rejection.recipe, Rejection.value).where(
        Rejection.measure == "memory"
    )
    with database.reading() as connection:
        key = id_of(connection, study)
        rows = [
            *connection.execute(measured.where(Trial.study_id == key).order_by(Trial.number)),
            *connection.execute(rejected.where(Rejection.study_id == key)),
        ]
        return [
            (_recipe(connection, study, row), inf if row.value is None else row.value)
            for row in rows
        ]


def _recipe(connection: Connection, study: str, row: Any) -> Recipe:
    where = f"a proposal for trial {row.number} of study {study!r}"
    return recipe_of(connection, row.recipe, study, where)
