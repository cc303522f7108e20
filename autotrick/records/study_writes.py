"""Creates studies, and writes their state and budget."""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select, update

from autotrick.errors import RecordsError
from autotrick.records.database import Database, upsert
from autotrick.records.retry import repeatable
from autotrick.records.rows import StudyPlan, StudyRow, StudyState
from autotrick.records.schema import Study
from autotrick.records.space_differences import differences
from autotrick.records.studies import id_of, study_row

_OTHER_LIST = "its list of recipes, its seeds or its race differ"
"""What differs where equal spaces have different digests."""
_LONGEST_NAME = 200
"""Most bytes in a study's name: it is part of file names, which may have 255."""


def check_study_name(name: str) -> str:
    """Return a study's name if it is valid, also in file names.

    Raises:
        RecordsError: The name has characters other than letters, digits, `_`, `-` and `.`, begins
            with `-` or `.`, or is too long.
    """
    if not re.fullmatch(r"\w[\w.-]*", name):
        raise RecordsError(
            "a study's name consists of letters, digits, `_`, `-` and `.`, and begins with one of "
            f"the first three; but got {name!r}. Choose another."
        )
    if (size := len(name.encode())) > _LONGEST_NAME:
        raise RecordsError(
            f"a study's name has at most {_LONGEST_NAME} bytes, but {name[:20]!r}... has {size}. "
            "Choose another."
        )
    return name


def create_study(database: Database, plan: StudyPlan) -> StudyRow:
    """Record a study, or return the existing one with the same name and space.

    Raises:
        RecordsError: The name belongs to a study over another space.
        NotFoundError: The parent does not exist.
    """
    added = upsert(database.dialect, Study).values(study_values(plan, database.clock()))
    with database.writing() as connection:
        if plan.parent is not None:
            id_of(connection, plan.parent)
        connection.execute(added.on_conflict_do_nothing(index_elements=["name"]))
        found = study_row(connection, plan.name)
    if found.space_digest != plan.space_digest:
        raise RecordsError(
            f"study {plan.name!r} searches another space: "
            f"{differences(found.space, plan.space) or _OTHER_LIST}. Choose another study name."
        )
    return found


def study_values(plan: StudyPlan, now: datetime) -> dict[str, Any]:
    """Return the row of a study without trials; its parent is NULL if that does not exist."""
    parent = select(Study.id).where(Study.name == plan.parent).scalar_subquery()
    # Empty JSON columns are left out: None would be written as JSON's null.
    kept = {"earlier_spaces": plan.earlier_spaces, "data": plan.data}
    return {name: value for name, value in kept.items() if value is not None} | {
        "name": plan.name,
        "question": plan.question,
        "space": dict(plan.space),
        "space_digest": plan.space_digest,
        "metric": plan.metric,
        "seed": plan.seed,
        "budget": dict(plan.budget),
        "state": "open",
        "trials": 0,
        "created": now,
        "parent_id": None if plan.parent is None else parent,
        "purpose": plan.purpose,
        "task": plan.task,
    }


@repeatable
def set_study_state(
    database: Database, study_id: int, state: StudyState, *, ended: str | None = None
) -> None:
    """Set the state of a study.

    Args:
        ended: Why its driver ends; None clears the recorded reason.
    """
    values = {"state": state, "ended": ended}
    with database.writing() as connection:
        connection.execute(update(Study).where(Study.id == study_id).values(values))


@repeatable
def change_budget(database: Database, study_id: int, changes: Mapping[str, Any]) -> None:
    """Replace some keys of a study's budget, even while another process changes others."""
    mine = Study.id == study_id
    with database.writing() as connection:
        held = connection.scalar(select(Study.budget).where(mine).with_for_update())
        budget = {**(held or {}), **changes}
        connection.execute(update(Study).where(mine).values(budget=budget))
