"""Questions asked of the results database.

Each function reads one state of the database and returns plain rows: nothing it returns holds a
connection.
"""

import math
from collections.abc import Iterable, Sequence
from typing import Any, cast

from pydantic import ValidationError
from sqlalchemy import ColumnElement, Connection, RowMapping, Select, and_, func, select

from autotrick.errors import NotFoundError, RecordsError
from autotrick.recipe import EpochReport, Recipe
from autotrick.records.database import Database
from autotrick.records.rows import (
    TRIAL_STATES,
    UNFINISHED_STATES,
    AttemptRow,
    CheckpointRow,
    StudyRow,
    TrialRow,
    TrialState,
)
from autotrick.records.schema import Attempt, Checkpoint, Environment, Report, Study, Trial


def studies(database: Database) -> list[StudyRow]:
    """Return every study, oldest first."""
    with database.reading() as connection:
        return _studies(connection, None)


def study(database: Database, name: str) -> StudyRow:
    """Return the named study.

    Raises:
        NotFoundError: There is none; the message lists those there are.
    """
    with database.reading() as connection:
        return study_row(connection, name)


def trials(
    database: Database,
    study: str,
    *,
    where: str | None = None,
    after: int = -1,
    limit: int | None = None,
) -> list[TrialRow]:
    """Return a study's trials in order of their number.

    Args:
        where: Only trials for which this expression of the filter language holds.
        after: Only trials with a higher number: the last one of the page before.
        limit: At most so many; None for all.

    Raises:
        NotFoundError: There is no study of that name.
        FilterError: `where` breaks a rule of the filter language.
    """
    chosen = _TRIALS.where(Trial.number > after).order_by(Trial.number).limit(limit)
    return _trials(database, study, chosen, where)


def unfinished(database: Database, study: str) -> list[TrialRow]:
    """Return a study's waiting and running trials in order of their number.

    Raises:
        NotFoundError: There is no study of that name.
    """
    return _few(database, study, Trial.state.in_(UNFINISHED_STATES))


def best(
    database: Database, study: str, *, limit: int = 10, where: str | None = None
) -> list[TrialRow]:
    """Return a study's complete trials with the highest values, best first.

    Equal values go to the faster trial, then to the lower number, so the order is total.

    Raises:
        NotFoundError: There is no study of that name.
        FilterError: `where` breaks a rule of the filter language.
    """
    chosen = _TRIALS.where(Trial.state == "complete", Trial.value.is_not(None))
    ordered = chosen.order_by(Trial.value.desc(), Trial.seconds, Trial.number)
    return _trials(database, study, ordered.limit(limit), where)


def trial(database: Database, study: str, number: int) -> TrialRow:
    """Return one trial of a study.

    Raises:
        NotFoundError: There is no such study, or it has no such trial.
    """
    found = _trials(database, study, _TRIALS.where(Trial.number == number), None)
    if not found:
        raise NotFoundError(f"study {study!r} has no trial {number}. Its trials count from 0.")
    return found[0]


def twins(database: Database, study: str, digest: str) -> list[TrialRow]:
    """Return a study's trials of the recipe with that digest, in order of their number."""
    return _few(database, study, Trial.digest == digest)


def reports(
    database: Database, study: str, *, numbers: Iterable[int] | None = None
) -> dict[int, list[EpochReport]]:
    """Return the epoch reports of a study's trials by trial number, epochs in order.

    Args:
        numbers: Of which trials; None for all. A trial without reports is not in the answer.

    Raises:
        NotFoundError: There is no study of that name.
    """
    chosen = _REPORTS.order_by(Trial.number, Report.epoch)
    if numbers is not None:
        chosen = chosen.where(Trial.number.in_(list(numbers)))
    found: dict[int, list[EpochReport]] = {}
    with database.reading() as connection:
        study_id = _study_id(connection, study)
        for number, *values in connection.execute(chosen.where(Trial.study_id == study_id)):
            found.setdefault(number, []).append(_report(values))
    return found


def attempts(database: Database, study: str, number: int) -> list[AttemptRow]:
    """Return the attempts of one trial, first to last.

    Raises:
        NotFoundError: There is no such study.
    """
    columns = _columns(Attempt, without=("trial_id", "environment_id"))
    chosen = select(*columns, Environment.facts.label("environment")).join_from(Attempt, Trial)
    chosen = chosen.outerjoin(Environment, Environment.id == Attempt.environment_id)
    with database.reading() as connection:
        study_id = _study_id(connection, study)
        chosen = chosen.where(Trial.study_id == study_id, Trial.number == number)
        rows = connection.execute(chosen.order_by(Attempt.number)).mappings()
        return [AttemptRow(**row) for row in rows]


def checkpoints(database: Database, study: str) -> dict[int, list[CheckpointRow]]:
    """Return the recorded checkpoints of a study's trials by trial number, epochs in order.

    Raises:
        NotFoundError: There is no study of that name.
    """
    chosen = select(Trial.number, *_columns(Checkpoint, without=("created",)))
    chosen = chosen.join_from(Trial, Checkpoint).order_by(Trial.number, Checkpoint.epoch)
    found: dict[int, list[CheckpointRow]] = {}
    with database.reading() as connection:
        study_id = _study_id(connection, study)
        for row in connection.execute(chosen.where(Trial.study_id == study_id)):
            found.setdefault(row[0], []).append(CheckpointRow(*row[1:]))
    return found


def last_checkpoint(database: Database, trial_id: int) -> CheckpointRow | None:
    """Return a trial's latest recorded checkpoint, or None."""
    chosen = select(*_columns(Checkpoint, without=("created",)))
    chosen = chosen.where(Checkpoint.trial_id == trial_id)
    with database.reading() as connection:
        row = connection.execute(chosen.order_by(Checkpoint.epoch.desc()).limit(1)).first()
    return None if row is None else CheckpointRow(*row)


def study_row(connection: Connection, name: str) -> StudyRow:
    """Return the named study, within a transaction.

    Raises:
        NotFoundError: There is none; the message lists those there are.
    """
    found = _studies(connection, Study.name == name)
    if not found:
        raise _no_study(connection, name)
    return found[0]


def trial_state(connection: Connection, trial_id: int) -> str:
    """Return the state of a trial, within a transaction.

    Raises:
        NotFoundError: There is no such trial.
    """
    state = connection.execute(select(Trial.state).where(Trial.id == trial_id)).scalar()
    if state is None:
        raise NotFoundError(f"no trial with id {trial_id}.")
    return state


def _columns(table: Any, *, without: Sequence[str] = ()) -> list[ColumnElement[Any]]:
    return [column for column in table.__table__.columns if column.key not in without]


_TRIALS: Select[Any] = select(*_columns(Trial, without=("study_id", "seed")))
_MEASURED = tuple(EpochReport.model_fields)
_REPORTS: Select[Any] = select(
    Trial.number, *(Report.__table__.c[name] for name in _MEASURED)
).join_from(Trial, Report)


def _studies(connection: Connection, condition: ColumnElement[bool] | None) -> list[StudyRow]:
    chosen = select(*_columns(Study, without=("trials",))).order_by(Study.id)
    tally = select(Trial.study_id, Trial.state, func.count(), func.max(Trial.value))
    tally = tally.group_by(Trial.study_id, Trial.state)
    if condition is not None:
        chosen = chosen.where(condition)
        tally = tally.join(Study, and_(Study.id == Trial.study_id, condition))
    rows = connection.execute(chosen).mappings().all()
    counts: dict[int, dict[TrialState, int]] = {
        row["id"]: dict.fromkeys(TRIAL_STATES, 0) for row in rows
    }
    highest: dict[int, float | None] = {}
    for study_id, state, count, value in connection.execute(tally):
        counts[study_id][cast("TrialState", state)] = count
        if state == "complete":
            highest[study_id] = value
    return [StudyRow(**row, counts=counts[row["id"]], best=highest.get(row["id"])) for row in rows]


def _study_id(connection: Connection, name: str) -> int:
    found = connection.execute(select(Study.id).where(Study.name == name)).scalar()
    if found is None:
        raise _no_study(connection, name)
    return found


def _no_study(connection: Connection, name: str) -> NotFoundError:
    known = connection.execute(select(Study.name).order_by(Study.name)).scalars()
    names = ", ".join(known) or "none"
    return NotFoundError(f"no study named {name!r}. Studies in this database: {names}.")


def _trials(
    database: Database, study: str, chosen: Select[Any], where: str | None
) -> list[TrialRow]:
    if where is not None:
        # The filter knows all tricks; without one they need not be loaded.
        from autotrick.records.conditions import condition
        from autotrick.records.filter import parse

        chosen = chosen.where(condition(parse(where), database.dialect))
    with database.reading() as connection:
        chosen = chosen.where(Trial.study_id == _study_id(connection, study))
        return [_trial(study, row) for row in connection.execute(chosen).mappings()]


def _few(database: Database, study: str, condition: ColumnElement[bool]) -> list[TrialRow]:
    # Sorted here: asked to sort, SQLite walks all trials in order instead of using the index.
    found = _trials(database, study, _TRIALS.where(condition), None)
    return sorted(found, key=lambda row: row.number)


def _trial(study: str, row: RowMapping) -> TrialRow:
    values = dict(row)
    try:
        recipe = Recipe.model_validate(values.pop("recipe"))
    except ValidationError as error:
        raise RecordsError(
            f"trial {row['number']} of study {study!r} has a recipe that this autotrick cannot "
            f"read: {error.errors()[0]['msg']}. It was recorded by another version."
        ) from error
    return TrialRow(study=study, recipe=recipe, **values)


def _report(values: Sequence[Any]) -> EpochReport:
    known = (math.nan if value is None else value for value in values)
    return EpochReport.model_validate(dict(zip(_MEASURED, known, strict=True)))
