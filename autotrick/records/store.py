"""Writes of trials and their attempts to the results database.

Each function is one transaction: after it returns its change is in the database, and a process that
is killed in the middle of it has changed nothing. Where a replay can happen, a second call with the
same arguments changes nothing and says so.

After every write a trial is `running` exactly while it has an open attempt.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Connection, Insert, bindparam, case, insert, select, update

from autotrick.errors import NotFoundError, RecordsError
from autotrick.recipe import Recipe, digest_of
from autotrick.records.columns import measured_columns, recipe_columns
from autotrick.records.database import Database, upsert
from autotrick.records.queries import trial_state
from autotrick.records.rows import FinalState, Launch
from autotrick.records.schema import Attempt, Environment, Study, Trial

# Made once: SQLAlchemy takes as long to build a statement as SQLite takes to run it. A trial that
# has not finished is one without a time of finishing.
_COUNT_TRIAL = (
    update(Study)
    .where(Study.id == bindparam("study"))
    .values(trials=Study.trials + 1)
    .returning(Study.trials)
)
_ADD_TRIAL = insert(Trial)
_ADD_ATTEMPT = insert(Attempt)
_COUNT_ATTEMPT = (
    update(Trial)
    .where(Trial.id == bindparam("trial"), Trial.finished.is_(None))
    .values(state="running", attempts=Trial.attempts + 1)
    .returning(Trial.attempts)
)
_END_TRIAL = update(Trial).where(Trial.id == bindparam("trial"), Trial.finished.is_(None))
_END_OPEN = update(Attempt).where(Attempt.trial_id == bindparam("trial"), Attempt.state == "open")
_DESCRIBE = update(Attempt).where(Attempt.id == bindparam("attempt"))
_OF_ATTEMPT = select(Attempt.trial_id).where(Attempt.id == bindparam("attempt"))
_MEASURE = update(Trial).where(Trial.id == _OF_ATTEMPT.scalar_subquery())
_ENVIRONMENT = select(Environment.id).where(Environment.digest == bindparam("facts"))


def add_trial(
    database: Database,
    study_id: int,
    recipe: Recipe,
    *,
    origin: str,
    number: int | None = None,
    launch: bool = True,
) -> Launch:
    """Record the intent to run a recipe, before anything is started.

    Args:
        origin: Who proposed the recipe, such as `tpe`, `random` or an expert's label.
        number: The number that the recipe was made for; it must be the study's next one. None takes
            the next one.
        launch: Whether to open the first attempt too; otherwise the trial waits.

    Raises:
        RecordsError: Another driver has taken the number.
        NotFoundError: There is no such study.
    """
    now = database.clock()
    with database.writing() as connection:
        following = connection.execute(_COUNT_TRIAL, {"study": study_id}).scalar()
        if following is None:
            raise NotFoundError(f"no study with id {study_id}.")
        if number not in (None, following - 1):
            raise RecordsError(
                f"the study's next trial is {following - 1}, not {number}: another driver adds "
                "trials to it. Stop one of them."
            )
        values = {
            "study_id": study_id,
            "number": following - 1,
            "state": "running" if launch else "waiting",
            "origin": origin,
            "epochs": 0,
            "seconds": 0.0,
            "attempts": int(launch),
            "created": now,
        } | recipe_columns(recipe)
        trial_id = _key(connection, _ADD_TRIAL, values)
        attempt_id = _begin(connection, trial_id, 1, now) if launch else None
    return Launch(trial_id, following - 1, attempt_id)


def open_attempt(
    database: Database,
    trial_id: int,
    *,
    node: str | None = None,
    device: str | None = None,
    environment: Mapping[str, Any] | None = None,
    shares: tuple[float, float] | None = None,
) -> int:
    """Record that a trial is about to be executed (again); return the attempt's id.

    An attempt of the trial that is still open is marked lost: only one can be true.

    Args:
        shares: Processors and GPUs that it occupies.

    Raises:
        RecordsError: The trial has ended.
        NotFoundError: There is no such trial.
    """
    now = database.clock()
    with database.writing() as connection:
        number = connection.execute(_COUNT_ATTEMPT, {"trial": trial_id}).scalar()
        if number is None:
            state = trial_state(connection, trial_id)
            raise RecordsError(f"a trial that is {state} cannot be run again.")
        _end_open(connection, trial_id, "lost", "superseded", now)
        attempt_id = _begin(connection, trial_id, number, now, shares)
        _describe(connection, database, attempt_id, node, device, environment)
    return attempt_id


def describe_attempt(
    database: Database,
    attempt_id: int,
    *,
    node: str | None = None,
    device: str | None = None,
    environment: Mapping[str, Any] | None = None,
    measures: Mapping[str, float] | None = None,
) -> None:
    """Record where an attempt runs, as its worker tells; None leaves what is there.

    Args:
        environment: Versions, git commit, device, threads; plain JSON. Equal ones are kept once.
        measures: What is known of the trial before it has an end, such as its parameters.
    """
    known = measured_columns(measures or {})
    with database.writing() as connection:
        _describe(connection, database, attempt_id, node, device, environment)
        if known:
            connection.execute(_MEASURE, {"attempt": attempt_id, **known})


def finish_trial(
    database: Database,
    trial_id: int,
    state: FinalState,
    *,
    reason: str | None = None,
    parameters: int | None = None,
    measures: Mapping[str, float] | None = None,
) -> bool:
    """End a trial and its open attempt; return False if it had ended in that state before.

    Its value, epochs, seconds and weights stay those of its reports.

    Args:
        measures: What was measured at its end, by name, and the `score` that comes of it.

    Raises:
        RecordsError: The trial has ended in another state.
        NotFoundError: There is no such trial.
    """
    now = database.clock()
    values: dict[str, Any] = {"trial": trial_id, "state": state, "reason": reason, "finished": now}
    if parameters is not None:
        values["parameters"] = parameters
    values |= measured_columns(measures or {})
    with database.writing() as connection:
        if connection.execute(_END_TRIAL, values).rowcount == 0:
            found = trial_state(connection, trial_id)
            if found != state:
                raise RecordsError(f"a trial that is {found} cannot become {state}.")
            return False
        _end_open(connection, trial_id, "failed" if state == "failed" else "done", reason, now)
    return True


def close_attempt(
    database: Database,
    attempt_id: int,
    state: Literal["lost", "failed", "stopped"],
    *,
    reason: str,
) -> bool:
    """End an attempt without ending its trial, which waits; return False if it was closed before."""
    now = database.clock()
    closed = update(Attempt).where(Attempt.id == attempt_id, Attempt.state == "open")
    closed = closed.values(state=state, reason=reason, ended=now)
    with database.writing() as connection:
        trial_id = connection.execute(closed.returning(Attempt.trial_id)).scalar()
        if trial_id is None:
            return False
        waits = update(Trial).where(Trial.id == trial_id, Trial.state == "running")
        connection.execute(waits.values(state="waiting"))
    return True


def release_open(
    database: Database,
    study_id: int,
    *,
    reason: str,
    state: Literal["lost", "stopped"] = "lost",
    heard: datetime | None = None,
) -> int:
    """End every open attempt of a study, so that its trials wait; return how many there were.

    Args:
        state: `lost` when the driver that began them has died, `stopped` when it ended in order.
        heard: When that driver was last heard of, which is as long as its attempts count.
    """
    now = heard or database.clock()
    running = select(Trial.id).where(Trial.study_id == study_id, Trial.state == "running")
    closed = update(Attempt).where(Attempt.trial_id.in_(running), Attempt.state == "open")
    waits = update(Trial).where(Trial.study_id == study_id, Trial.state == "running")
    with database.writing() as connection:
        ended = case((Attempt.started > now, Attempt.started), else_=now)
        count = connection.execute(closed.values(state=state, reason=reason, ended=ended)).rowcount
        connection.execute(waits.values(state="waiting"))
    return count


def _key(connection: Connection, statement: Insert, values: Mapping[str, Any]) -> int:
    key = connection.execute(statement, values).inserted_primary_key
    assert key is not None
    return int(key[0])


def _begin(
    connection: Connection,
    trial_id: int,
    number: int,
    now: datetime,
    shares: tuple[float, float] | None = None,
) -> int:
    cpus, gpus = shares or (None, None)
    values = {"trial_id": trial_id, "number": number, "state": "open", "started": now}
    values |= {"cpus": cpus, "gpus": gpus}
    return _key(connection, _ADD_ATTEMPT, values)


def _end_open(
    connection: Connection, trial_id: int, state: str, reason: str | None, now: datetime
) -> None:
    values = {"trial": trial_id, "state": state, "reason": reason, "ended": now}
    connection.execute(_END_OPEN, values)


def _describe(
    connection: Connection,
    database: Database,
    attempt_id: int,
    node: str | None,
    device: str | None,
    environment: Mapping[str, Any] | None,
) -> None:
    facts: dict[str, Any] = {"node": node, "device": device}
    if environment is not None:
        facts["environment_id"] = environment_id(connection, database, environment)
    known = {key: value for key, value in facts.items() if value is not None}
    if known:
        connection.execute(_DESCRIBE, {"attempt": attempt_id, **known})


def environment_id(connection: Connection, database: Database, facts: Mapping[str, Any]) -> int:
    """Return the id of an environment, which is recorded if it is new, within a transaction."""
    digest = digest_of(facts)
    key = connection.execute(_ENVIRONMENT, {"facts": digest}).scalar()
    if key is None:
        added = upsert(database.dialect, Environment).values(digest=digest, facts=dict(facts))
        connection.execute(added.on_conflict_do_nothing(index_elements=["digest"]))
        key = connection.execute(_ENVIRONMENT, {"facts": digest}).scalar_one()
    return key
