"""Writes trials and their attempts to the results database.

Each function is one transaction: once it returns, its change is in the database; a process that is
killed before changes nothing. Where a call can be repeated, a second call with the same arguments
changes nothing, and its result says so.

After every write a trial is `running` if and only if it has an open attempt.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import (
    Connection,
    Insert,
    Integer,
    bindparam,
    insert,
    or_,
    select,
    update,
)

from autotrick.errors import NotFoundError, RecordsError
from autotrick.recipe import Recipe
from autotrick.records.database import Database
from autotrick.records.environments import record_environment
from autotrick.records.queries import trial_state
from autotrick.records.recipe_columns import (
    measure_columns,
    phase_columns,
    recipe_columns,
    setting_rows,
)
from autotrick.records.retry import repeatable
from autotrick.records.rows import FinalState, Launch
from autotrick.records.schema import Attempt, Study, Trial, TrialSetting

# Each statement is built once: SQLAlchemy takes as long to build one as SQLite takes to run it. A
# trial is unfinished if it has no finishing time.
_COUNT_TRIAL = (
    update(Study)
    .where(Study.id == bindparam("study"))
    .where(or_(bindparam("number", type_=Integer) < 0, Study.trials == bindparam("number")))
    .values(trials=Study.trials + 1)
    .returning(Study.trials)
)
_ADD_TRIAL = insert(Trial)
_ADD_SETTINGS = insert(TrialSetting)
_ADD_ATTEMPT = insert(Attempt)
_COUNT_ATTEMPT = (
    update(Trial)
    .where(Trial.id == bindparam("trial"), Trial.finished.is_(None))
    .values(state="running", attempts=Trial.attempts + 1)
    .returning(Trial.attempts)
)
_END_TRIAL = update(Trial).where(Trial.id == bindparam("trial"), Trial.finished.is_(None))
_OPEN = select(Attempt.id).where(Attempt.trial_id == bindparam("trial"), Attempt.state == "open")
_END_OPEN_ATTEMPTS = update(Attempt).where(
    Attempt.trial_id == bindparam("trial"), Attempt.state == "open"
)
_OF_ATTEMPT = select(Attempt.trial_id).where(Attempt.id == bindparam("attempt"))
_MEASURE = update(Trial).where(Trial.id == _OF_ATTEMPT.scalar_subquery())


@repeatable
def add_trial(  # noqa: PLR0913 -- what is on record before a trial begins
    database: Database,
    study_id: int,
    recipe: Recipe,
    *,
    origin: str,
    number: int | None = None,
    launch: bool = True,
    measures: Mapping[str, float] | None = None,
    phase: str | None = None,
    design: Mapping[str, Any] | None = None,
) -> Launch:
    """Record a trial of a recipe, before anything starts.

    Args:
        origin: Who proposed the recipe, such as `tpe`, `random` or an expert's label.
        number: The trial number that the recipe was proposed for; it must be the study's next. None
            takes the next.
        launch: Whether to open the first attempt too; otherwise the trial waits.
        measures: Measures by name that are known before the trial begins.
        phase: The phase of the study's plan that it belongs to.
        design: Its place in the design of its phase; plain JSON.

    Raises:
        RecordsError: The number is not the next: another driver adds trials.
        NotFoundError: The study does not exist.
    """
    now, worked = database.clock(), database.working_time()
    with database.writing() as connection:
        asked = {"study": study_id, "number": -1 if number is None else number}
        following = connection.execute(_COUNT_TRIAL, asked).scalar()
        if following is None:
            return _trial_added_before(connection, database, study_id, number, recipe)
        key = {"study_id": study_id, "number": following - 1}
        values = (
            key
            | {
                "state": "running" if launch else "waiting",
                "origin": origin,
                "epochs": 0,
                "seconds": 0.0,
                "attempts": int(launch),
                "created": now,
            }
            | recipe_columns(recipe)
            | measure_columns(measures or {})
            | phase_columns(phase, design)
        )
        trial_id = _insert(connection, _ADD_TRIAL, values)
        if settings := [key | row for row in setting_rows(recipe)]:
            connection.execute(_ADD_SETTINGS, settings)
        attempt_id = _insert_attempt(connection, trial_id, 1, worked) if launch else None
    return Launch(trial_id, following - 1, attempt_id)


@repeatable
def open_attempt(
    database: Database,
    trial_id: int,
    *,
    node: str | None = None,
    device: str | None = None,
    environment: Mapping[str, Any] | None = None,
    shares: tuple[float, float] | None = None,
) -> int:
    """Record that a trial starts (again); return the attempt's id.

    A previous attempt of the trial that is still open becomes `lost`.

    Args:
        shares: The CPUs and GPUs, or fractions of them, that the attempt occupies.

    Raises:
        RecordsError: The trial has ended.
        NotFoundError: The trial does not exist.
    """
    now = database.working_time()
    with database.writing() as connection:
        if database.is_retry and (open_id := connection.scalar(_OPEN, {"trial": trial_id})):
            return open_id  # a transaction whose answer was lost opened it
        number = connection.execute(_COUNT_ATTEMPT, {"trial": trial_id}).scalar()
        if number is None:
            state = trial_state(connection, trial_id)
            raise RecordsError(f"a trial that is {state} cannot be run again.")
        _end_open_attempts(connection, trial_id, "lost", "superseded", now)
        attempt_id = _insert_attempt(connection, trial_id, number, now, shares)
        record_environment(connection, database, attempt_id, node, device, environment)
    return attempt_id


@repeatable
def describe_attempt(
    database: Database,
    attempt_id: int,
    *,
    node: str | None = None,
    device: str | None = None,
    environment: Mapping[str, Any] | None = None,
    measures: Mapping[str, float] | None = None,
) -> None:
    """Record where an attempt runs, as its worker reports; None leaves a value as it is.

    Args:
        environment: Versions, git commit, device, threads; plain JSON. Equal ones are stored once.
        measures: Measures by name that are known before the trial ends, such as its parameters.
    """
    values = measure_columns(measures or {})
    with database.writing() as connection:
        record_environment(connection, database, attempt_id, node, device, environment)
        if values:
            connection.execute(_MEASURE, {"attempt": attempt_id, **values})


@repeatable
def finish_trial(
    database: Database,
    trial_id: int,
    state: FinalState,
    *,
    reason: str | None = None,
    parameters: int | None = None,
    measures: Mapping[str, float] | None = None,
) -> bool:
    """End a trial and its open attempt; return False if it had already ended in that state.

    Its value, epochs, seconds and weights stay as its epoch reports set them.

    Args:
        measures: What was measured at its end, by name, and the resulting `score`.

    Raises:
        RecordsError: The trial has ended in another state.
        NotFoundError: The trial does not exist.
    """
    now, worked = database.clock(), database.working_time()
    values: dict[str, Any] = {"trial": trial_id, "state": state, "reason": reason, "finished": now}
    if parameters is not None:
        values["parameters"] = parameters
    values |= measure_columns(measures or {})
    with database.writing() as connection:
        if connection.execute(_END_TRIAL, values).rowcount == 0:
            ended = trial_state(connection, trial_id)
            if ended != state:
                raise RecordsError(f"a trial that is {ended} cannot become {state}.")
            return False
        _end_open_attempts(
            connection, trial_id, "failed" if state == "failed" else "done", reason, worked
        )
    return True


@repeatable
def close_attempt(
    database: Database,
    attempt_id: int,
    state: Literal["lost", "failed", "stopped"],
    *,
    reason: str,
) -> bool:
    """End an attempt but not its trial, which then waits; return False if it had ended already."""
    now = database.working_time()
    closed = update(Attempt).where(Attempt.id == attempt_id, Attempt.state == "open")
    closed = closed.values(state=state, reason=reason, ended=now)
    with database.writing() as connection:
        trial_id = connection.execute(closed.returning(Attempt.trial_id)).scalar()
        if trial_id is None:
            return False
        waits = update(Trial).where(Trial.id == trial_id, Trial.state == "running")
        connection.execute(waits.values(state="waiting"))
    return True


def _trial_added_before(
    connection: Connection, database: Database, study_id: int, number: int | None, recipe: Recipe
) -> Launch:
    """Return the trial of that number if a transaction added it whose answer was lost.

    Raises:
        RecordsError: Another driver added it.
        NotFoundError: The study does not exist.
    """
    following = connection.scalar(select(Study.trials).where(Study.id == study_id))
    if following is None:
        raise NotFoundError(f"no study with id {study_id}.")
    mine = select(Trial.id).where(Trial.study_id == study_id, Trial.number == number)
    mine = mine.where(Trial.digest == recipe.digest(), Trial.attempts == 0)
    trial_id = connection.scalar(mine) if database.is_retry else None
    if trial_id is None or number is None:
        why = (
            f"the study's next trial is {following}, not {number}: another driver adds trials to it"
        )
        raise RecordsError(f"{why}. Stop one of them.")
    return Launch(trial_id, number, None)


def _insert(connection: Connection, statement: Insert, values: Mapping[str, Any]) -> int:
    key: Any = connection.execute(statement, values).inserted_primary_key
    return int(key[0])


def _insert_attempt(
    connection: Connection,
    trial_id: int,
    number: int,
    now: datetime,
    shares: tuple[float, float] | None = None,
) -> int:
    cpus, gpus = shares or (None, None)
    values = {"trial_id": trial_id, "number": number, "state": "open", "started": now}
    values |= {"cpus": cpus, "gpus": gpus}
    return _insert(connection, _ADD_ATTEMPT, values)


def _end_open_attempts(
    connection: Connection, trial_id: int, state: str, reason: str | None, now: datetime
) -> None:
    values = {"trial": trial_id, "state": state, "reason": reason, "ended": now}
    connection.execute(_END_OPEN_ATTEMPTS, values)
