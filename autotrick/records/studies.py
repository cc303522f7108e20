"""Reads studies from the results database."""

from collections.abc import Sequence
from typing import Any, cast

from sqlalchemy import ColumnElement, Connection, and_, bindparam, func, select
from sqlalchemy.orm import aliased

from autotrick.errors import NotFoundError
from autotrick.records.database import Database
from autotrick.records.retry import repeatable
from autotrick.records.rows import TRIAL_STATES, StudyRow, TrialState, recorded_objective
from autotrick.records.schema import Study, Trial
from autotrick.tasks import ACCURACY

_METRIC = select(Study.metric, Study.space).where(Study.id == bindparam("study"))


@repeatable
def studies(database: Database) -> list[StudyRow]:
    """Return every study, oldest first."""
    with database.reading() as connection:
        return _studies(connection, None)


@repeatable
def study(database: Database, name: str) -> StudyRow:
    """Return the named study.

    Raises:
        NotFoundError: The study does not exist; the message lists the existing ones.
    """
    with database.reading() as connection:
        return study_row(connection, name)


def trial_count(database: Database, study: str) -> tuple[int, int]:
    """Return a study's number of trials in any state and its seed, from its row alone.

    Raises:
        NotFoundError: The study does not exist.
    """
    with database.reading() as connection:
        chosen = select(Study.trials, Study.seed).where(Study.name == study)
        row = connection.execute(chosen).first()
        if row is None:
            raise study_not_found(connection, study)
        return row.trials, row.seed


def id_of(connection: Connection, name: str) -> int:
    """Return a study's id, within a transaction.

    Raises:
        NotFoundError: The study does not exist; the message lists the existing ones.
    """
    found = connection.execute(select(Study.id).where(Study.name == name)).scalar()
    if found is None:
        raise study_not_found(connection, name)
    return found


def study_row(connection: Connection, name: str) -> StudyRow:
    """Return the named study, within a transaction.

    Raises:
        NotFoundError: The study does not exist; the message lists the existing ones.
    """
    found = _studies(connection, Study.name == name)
    if not found:
        raise study_not_found(connection, name)
    return found[0]


def metric_of(connection: Connection, study_id: int) -> str:
    """Return the name of the metric of a study's values, within a transaction."""
    row = connection.execute(_METRIC, {"study": study_id}).first()
    if row is None or row.metric == ACCURACY.name:
        return ACCURACY.name
    return recorded_objective(row.space).metric.name


def columns_of(table: Any, *, without: Sequence[str] = ()) -> list[ColumnElement[Any]]:
    """Return the columns of a table, except those in `without`."""
    return [column for column in table.__table__.columns if column.key not in without]


def _studies(connection: Connection, condition: ColumnElement[bool] | None) -> list[StudyRow]:
    parent = aliased(Study)
    columns = columns_of(Study, without=("trials", "parent_id"))
    chosen = select(*columns, parent.name.label("parent")).order_by(Study.id)
    chosen = chosen.outerjoin(parent, parent.id == Study.parent_id)
    ends = (func.max(Trial.value), func.min(Trial.value))
    tally = select(Trial.study_id, Trial.state, func.count(), *ends)
    tally = tally.group_by(Trial.study_id, Trial.state)
    if condition is not None:
        chosen = chosen.where(condition)
        tally = tally.join(Study, and_(Study.id == Trial.study_id, condition))
    rows = connection.execute(chosen).mappings().all()
    counts: dict[int, dict[TrialState, int]] = {
        row["id"]: dict.fromkeys(TRIAL_STATES, 0) for row in rows
    }
    larger = {row["id"]: recorded_objective(row["space"]).metric.larger for row in rows}
    best: dict[int, float | None] = {}
    for study_id, state, count, highest, lowest in connection.execute(tally):
        counts[study_id][cast("TrialState", state)] = count
        if state == "complete":
            best[study_id] = highest if larger[study_id] else lowest
    return [StudyRow(**row, counts=counts[row["id"]], best=best.get(row["id"])) for row in rows]


def study_not_found(connection: Connection, name: str) -> NotFoundError:
    known = connection.execute(select(Study.name).order_by(Study.name)).scalars()
    names = ", ".join(known) or "none"
    return NotFoundError(f"no study named {name!r}. Studies in this database: {names}.")
