"""Reads trials from the results database.

Each function reads one state of the database and returns plain rows, which hold no connection.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Connection, Select, Text, literal, select
from sqlalchemy import cast as sql_cast

from autotrick.errors import NotFoundError
from autotrick.measures import COSTS
from autotrick.records.database import Database
from autotrick.records.other_versions import recipe_of
from autotrick.records.retry import repeatable
from autotrick.records.rows import UNFINISHED_STATES, TrialRow, recorded_objective
from autotrick.records.schema import Study, Trial
from autotrick.records.studies import id_of, metric_of
from autotrick.tasks import ACCURACY


@repeatable
def trials(
    database: Database,
    study: str,
    *,
    where: str | None = None,
    numbers: Iterable[int] | None = None,
    after: int = -1,
    limit: int | None = None,
) -> list[TrialRow]:
    """Return a study's trials in order of their number.

    Args:
        where: A filter expression; only trials for which it holds are returned.
        numbers: Numbers of the trials to return; None for all.
        after: Only trials with a higher number are returned; the last number of the previous page.
        limit: Maximum number of trials; None for all.

    Raises:
        NotFoundError: The study does not exist.
        FilterError: `where` is not a valid filter expression.
    """
    conditions = [] if after < 0 else [Trial.number > literal(after, BigInteger)]
    if numbers is not None:
        conditions.append(Trial.number.in_(list(numbers)))
    return _trials(database, study, *conditions, order=(Trial.number,), limit=limit, where=where)


def page(connection: Connection, study: str, after: int, limit: int) -> list[TrialRow]:
    """Return up to `limit` trials with a number above `after`, within a transaction.

    Raises:
        NotFoundError: The study does not exist.
    """
    following = Trial.number > after
    return _read(connection, study, following, order=(Trial.number,), limit=limit)


@repeatable
def unfinished(database: Database, study: str) -> list[TrialRow]:
    """Return a study's waiting and running trials in order of their number.

    Raises:
        NotFoundError: The study does not exist.
    """
    return _few(database, study, Trial.state.in_(UNFINISHED_STATES))


@repeatable
def best(
    database: Database, study: str, *, limit: int = 10, where: str | None = None
) -> list[TrialRow]:
    """Return a study's complete trials with the best values, best first.

    If the best value is not the largest, trials have scores, which then count instead of values.
    Among equal trials the faster one comes first, then the one with the lower number.

    Raises:
        NotFoundError: The study does not exist.
        FilterError: `where` is not a valid filter expression.
    """
    with database.reading() as connection:
        ranked = _ranked(connection, study)
        conditions = (Trial.state == "complete", ranked.is_not(None))
        order = (ranked.desc(), Trial.seconds, Trial.number)
        return _read(connection, study, *conditions, order=order, limit=limit, where=where)


@repeatable
def complete_measures(
    database: Database, study: str, names: Sequence[str], *, where: str | None = None
) -> dict[int, tuple[float, ...]]:
    """Return measures of a study's complete trials by trial number; skip trials that lack one.

    Args:
        names: Names of `autotrick.measures`.

    Raises:
        NotFoundError: The study does not exist.
        FilterError: `where` is not a valid filter expression.
    """
    columns = [Trial.__table__.c[name if name in COSTS else "value"] for name in names]
    chosen = select(Trial.number, *columns).order_by(Trial.number)
    chosen = chosen.where(Trial.state == "complete", *(c.is_not(None) for c in columns))
    with database.reading() as connection:
        study_id = id_of(connection, study)
        chosen = chosen.where(Trial.study_id == study_id, *_where(connection, where, study_id))
        rows = connection.execute(chosen)
        return {number: tuple(map(float, values)) for number, *values in rows}


@repeatable
def trial(database: Database, study: str, number: int) -> TrialRow:
    """Return one trial of a study.

    Raises:
        NotFoundError: The study or the trial does not exist.
    """
    found = _trials(database, study, Trial.number == literal(number, BigInteger))
    if not found:
        raise NotFoundError(f"study {study!r} has no trial {number}. Its trials count from 0.")
    return found[0]


def same_recipe(database: Database, study: str, digest: str) -> list[TrialRow]:
    """Return a study's trials whose recipe has this digest, in order of their number."""
    return _few(database, study, Trial.digest == digest)


def trial_state(connection: Connection, trial_id: int) -> str:
    """Return the state of a trial, within a transaction.

    Raises:
        NotFoundError: The trial does not exist.
    """
    state = connection.execute(select(Trial.state).where(Trial.id == trial_id)).scalar()
    if state is None:
        raise NotFoundError(f"no trial with id {trial_id}.")
    return state


_FIELDS = tuple(field.name for field in fields(TrialRow))
_STUDY, _NUMBER, _RECIPE, _METRIC = (
    _FIELDS.index(name) for name in ("study", "number", "recipe", "metric")
)
# The study's name is the same in every row and is filled in afterwards. The recipe is read as text,
# which pydantic parses and checks in a third of the time that the two steps take separately.
_CHOSEN: dict[str, ColumnElement[Any]] = {
    **{column.key: column for column in Trial.__table__.columns},
    "study": literal(None),
    "metric": literal(None),
    "recipe": sql_cast(Trial.recipe, Text),
}
_TRIALS: Select[Any] = select(*(_CHOSEN[name] for name in _FIELDS))


def _ranked(connection: Connection, study: str) -> ColumnElement[float]:
    """Return the column that ranks a study's trials."""
    row = connection.execute(select(Study.metric, Study.space).where(Study.name == study)).first()
    scored = row is not None and row.metric != ACCURACY.name and _scored(row.space)
    column: ColumnElement[float] = Trial.__table__.c["score" if scored else "value"]
    return column


def _scored(space: Mapping[str, Any]) -> bool:
    return not (found := recorded_objective(space)).several and not found.plain


def _where(connection: Connection, where: str | None, study_id: int) -> list[ColumnElement[bool]]:
    """Return the conditions of a filter, and prepare the transaction for them."""
    if where is None:
        return []
    # Only a filter needs the tricks, which take time to import.
    from autotrick.records.filter import parse
    from autotrick.records.filter_sql import condition

    if connection.dialect.name == "postgresql":
        # Beyond this memory PostgreSQL looks up a filter's settings again for each trial.
        connection.exec_driver_sql("SET LOCAL work_mem = '64MB'")
    return [condition(parse(where), study_id)]


def _trials(
    database: Database,
    study: str,
    *conditions: ColumnElement[bool],
    order: Sequence[Any] = (),
    limit: int | None = None,
    where: str | None = None,
) -> list[TrialRow]:
    with database.reading() as connection:
        return _read(connection, study, *conditions, order=order, limit=limit, where=where)


def _read(
    connection: Connection,
    study: str,
    *conditions: ColumnElement[bool],
    order: Sequence[Any],
    limit: int | None,
    where: str | None = None,
) -> list[TrialRow]:
    study_id = id_of(connection, study)
    found = (Trial.study_id == study_id, *conditions, *_where(connection, where, study_id))
    if where is not None and limit is not None:
        # Select numbers first, then read their rows: trials that the filter leaves out then cost
        # only an index entry, if the index has all columns of the filter.
        first = select(Trial.number).where(*found).order_by(*order).limit(limit)
        found = (Trial.study_id == study_id, Trial.number.in_(first))
        limit = None
    chosen = _TRIALS.where(*found).order_by(*order).limit(limit)
    metric = metric_of(connection, study_id)
    return [_trial(connection, study, metric, row) for row in connection.execute(chosen)]


def _few(database: Database, study: str, condition: ColumnElement[bool]) -> list[TrialRow]:
    # Sort in Python: with ORDER BY, SQLite reads all trials in order instead of using the index.
    found = _trials(database, study, condition)
    return sorted(found, key=lambda row: row.number)


def _trial(connection: Connection, study: str, metric: str, row: Sequence[Any]) -> TrialRow:
    values = list(row)
    values[_STUDY], values[_METRIC] = study, metric
    where = f"trial {values[_NUMBER]} of study {study!r}"
    values[_RECIPE] = recipe_of(connection, values[_RECIPE], study, where)
    return TrialRow(*values)
