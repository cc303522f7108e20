"""Proposals that were turned away before training: they use up no trial, and are on record."""

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


def refusal_columns(study_id: int, row: RejectionRow, created: datetime) -> dict[str, Any]:
    """Return what the database keeps of a refusal."""
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
    """Record a proposal that was turned away; a second time changes nothing."""
    values = refusal_columns(study_id, row, database.clock())
    added = upsert(database.dialect, Rejection).values(values)
    with database.writing() as connection:
        connection.execute(added.on_conflict_do_nothing())


@repeatable
def rejections(database: Database, study: str, *, number: int | None = None) -> list[RejectionRow]:
    """Return the proposals that a study turned away, in the order of proposing.

    Args:
        number: Only those for this trial.

    Raises:
        NotFoundError: There is no study of that name.
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
    """Return how many proposals a study turned away, by the constraint that they break.

    Raises:
        NotFoundError: There is no study of that name.
    """
    counted = func.count().label("times")
    chosen = select(Rejection.measure, counted).group_by(Rejection.measure)
    with database.reading() as connection:
        chosen = chosen.where(Rejection.study_id == id_of(connection, study))
        found = connection.execute(chosen.order_by(counted.desc(), Rejection.measure))
        return {row.measure: row.times for row in found}


@repeatable
def measured_memory(database: Database, study: str) -> list[tuple[Recipe, float]]:
    """Return the recipes whose memory was measured, those that were turned away for it included.

    Raises:
        NotFoundError: There is no study of that name.
    """
    kept = select(Trial.number, Trial.recipe, Trial.memory.label("value"))
    kept = kept.where(Trial.memory.is_not(None))
    away = select(Rejection.number, Rejection.recipe, Rejection.value).where(
        Rejection.measure == "memory"
    )
    with database.reading() as connection:
        key = id_of(connection, study)
        rows = [
            *connection.execute(kept.where(Trial.study_id == key).order_by(Trial.number)),
            *connection.execute(away.where(Rejection.study_id == key)),
        ]
        return [
            (_recipe(connection, study, row), inf if row.value is None else row.value)
            for row in rows
        ]


def _recipe(connection: Connection, study: str, row: Any) -> Recipe:
    place = f"a proposal for trial {row.number} of study {study!r}"
    return recipe_of(connection, row.recipe, study, place)
