"""Reads and writes whole trials, for exporting and importing a study."""

from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import Any

from sqlalchemy import Connection, insert, update

from autotrick.errors import RecordsError
from autotrick.recipe import digest_of
from autotrick.records.database import Database, upsert
from autotrick.records.environments import environment_id
from autotrick.records.epochs import report_columns
from autotrick.records.queries import page
from autotrick.records.recipe_columns import MEASURED, recipe_columns, setting_rows
from autotrick.records.rejections import rejection_columns
from autotrick.records.retry import repeatable
from autotrick.records.rows import (
    AttemptRow,
    LookRow,
    RejectionRow,
    StudyPlan,
    StudyRow,
    StudyState,
    TrialRecord,
)
from autotrick.records.schema import (
    Attempt,
    Rejection,
    Report,
    Study,
    TestLook,
    Trial,
    TrialSetting,
)
from autotrick.records.studies import study_row
from autotrick.records.study_writes import check_study_name, study_values
from autotrick.records.test_looks import look_columns
from autotrick.records.trial_reads import attempts_of, reports_of

PAGE_SIZE = 500


def trial_records(database: Database, study: str) -> Iterator[TrialRecord]:
    """Yield all trials of a study in order of their number, holding one page of them in memory.

    Each trial comes with its epoch reports and attempts, all read in one transaction.

    Raises:
        NotFoundError: The study does not exist.
    """
    after = -1
    while found := _trial_page(database, study, after):
        yield from found
        after = found[-1].trial.number


@repeatable
def _trial_page(database: Database, study: str, after: int) -> list[TrialRecord]:
    with database.reading() as connection:
        rows = page(connection, study, after, PAGE_SIZE)
        numbers = [row.number for row in rows]
        curves = reports_of(connection, study, numbers)
        tries = attempts_of(connection, study, numbers)
    return [
        TrialRecord(row, tuple(curves.get(row.number, ())), tuple(tries.get(row.number, ())))
        for row in rows
    ]


def import_study(  # noqa: PLR0913 -- all that is on record about a study
    database: Database,
    plan: StudyPlan,
    state: StudyState,
    trials: Iterable[TrialRecord],
    rejections: Iterable[RejectionRow] = (),
    *,
    looks: Iterable[LookRow] = (),
    ended: str | None = None,
    archived: bool = False,
) -> StudyRow:
    """Record a study from elsewhere with all its trials, in one transaction.

    Unfinished trials wait, as after a lost driver. Checkpoints are not imported.

    Args:
        trials: In order of their number, from 0 without gaps; their ids and study names are
            ignored.
        rejections: Proposals that the study rejected; each pair of number and place once.
        looks: Its looks at the test split.
        ended: Why the last driver ended.
        archived: Whether lists leave the study out.

    Raises:
        RecordsError: The name is invalid or taken, or a trial number is missing.
    """
    check_study_name(plan.name)
    remaining = iter(trials)
    with database.writing() as connection:
        added = upsert(database.dialect, Study).values(study_values(plan, database.clock()))
        added = added.on_conflict_do_nothing(index_elements=["name"])
        study_id = connection.execute(added.returning(Study.id)).scalar()
        if study_id is None:
            raise RecordsError(f"there is a study {plan.name!r} already. Choose another name.")
        count = 0
        environment_ids: dict[str, int] = {}
        while records := list(islice(remaining, PAGE_SIZE)):
            numbers = [record.trial.number for record in records]
            if numbers != list(range(count, count + len(records))):
                raise RecordsError(f"trials count from 0 without gaps, but got {numbers[:5]}...")
            _insert_trials(connection, database, study_id, records, environment_ids)
            count += len(records)
        now = database.clock()
        if rejected := [rejection_columns(study_id, row, now) for row in rejections]:
            once = upsert(database.dialect, Rejection).on_conflict_do_nothing()
            connection.execute(once, rejected)
        if looked := [look_columns(study_id, look) for look in looks]:
            connection.execute(insert(TestLook), looked)
        facts = {"trials": count, "state": state, "ended": ended, "archived": archived}
        connection.execute(update(Study).where(Study.id == study_id).values(facts))
        return study_row(connection, plan.name)


def _insert_trials(
    connection: Connection,
    database: Database,
    study_id: int,
    records: list[TrialRecord],
    environment_ids: dict[str, int],
) -> None:
    """Insert trials with their settings, epoch reports and attempts.

    Args:
        environment_ids: Ids of environments by digest; the function adds new ones.
    """
    added = insert(Trial).returning(Trial.id, sort_by_parameter_order=True)
    keys = connection.scalars(added, [_trial_values(study_id, record) for record in records]).all()
    curves: list[dict[str, Any]] = []
    tries: list[dict[str, Any]] = []
    settings: list[dict[str, Any]] = []
    for key, record in zip(keys, records, strict=True):
        when = record.trial.finished or record.trial.created
        common = {"trial_id": key, "attempt": max(1, record.trial.attempts), "created": when}
        key_columns = {"study_id": study_id, "number": record.trial.number}
        settings += [key_columns | row for row in setting_rows(record.trial.recipe)]
        curves += [common | report_columns(report) for report in record.reports]
        for attempt in record.tries:
            facts = _environment_id(connection, database, attempt.environment, environment_ids)
            tries.append({"trial_id": key, "environment_id": facts} | _attempt_values(attempt))
    for table, rows in ((TrialSetting, settings), (Report, curves), (Attempt, tries)):
        if rows:
            connection.execute(insert(table), rows)


def _trial_values(study_id: int, record: TrialRecord) -> dict[str, Any]:
    row = record.trial
    names = (
        *("number", "origin", "value", "epochs", "seconds", "attempts", "parameters", "weights"),
        *("reason", "phase", "design", *MEASURED),
    )
    values = {name: getattr(row, name) for name in names}
    state = row.state if row.finished else "waiting"
    times = {"created": row.created, "finished": row.finished}
    return recipe_columns(row.recipe) | values | times | {"study_id": study_id, "state": state}


def _attempt_values(attempt: AttemptRow) -> dict[str, Any]:
    names = ("number", "state", "reason", "started", "ended", "node", "device", "cpus", "gpus")
    values = {name: getattr(attempt, name) for name in names}
    return values | ({"state": "lost", "reason": "imported"} if attempt.state == "open" else {})


def _environment_id(
    connection: Connection,
    database: Database,
    facts: Mapping[str, Any] | None,
    environment_ids: dict[str, int],
) -> int | None:
    if facts is None:
        return None
    digest = digest_of(facts)
    if digest not in environment_ids:
        environment_ids[digest] = environment_id(connection, database, facts)
    return environment_ids[digest]
