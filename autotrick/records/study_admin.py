"""Renames, archives, deletes, extends and widens studies.

Each function is one transaction.
"""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, delete, func, select, update
from sqlalchemy.exc import IntegrityError

from autotrick.errors import NotFoundError, RecordsError
from autotrick.records.database import Database
from autotrick.records.environments import delete_unused
from autotrick.records.leases import check_free
from autotrick.records.rows import StudyRow
from autotrick.records.schema import Attempt, StoredCheckpoint, Study, Trial
from autotrick.records.studies import study_row
from autotrick.records.study_writes import check_study_name
from autotrick.records.test_looks import hand_down


def rename_study(database: Database, name: str, new: str, *, stale_after: float) -> None:
    """Rename a study; its trials and everything else stay.

    Args:
        stale_after: See `acquire_lease`.

    Raises:
        NotFoundError: The study does not exist.
        RecordsError: The new name is invalid or taken, a driver works on the study, or trials wait
            to continue from checkpoints, which are in a folder of the study's name.
    """
    check_study_name(new)
    with database.writing() as connection:
        study_id = _lock_without_driver(connection, database, name, stale_after)
        waiting = select(func.count(Trial.id.distinct())).join(StoredCheckpoint)
        waiting = waiting.where(Trial.study_id == study_id, Trial.finished.is_(None))
        if count := connection.scalar(waiting):
            raise RecordsError(
                f"{count} trials of study {name!r} wait to go on from checkpoints in a folder of "
                f"that name. Finish them first: autotrick resume {name}"
            )
        renamed = update(Study).where(Study.id == study_id).values(name=new)
        try:
            connection.execute(renamed)
        except IntegrityError as error:
            raise RecordsError(f"there is a study {new!r} already. Choose another name.") from error


def archive_study(database: Database, name: str, *, archived: bool = True) -> None:
    """Hide a study from lists, or show it again; everything else works as before.

    Raises:
        NotFoundError: The study does not exist.
    """
    with database.writing() as connection:
        study_id = study_row(connection, name).id
        connection.execute(update(Study).where(Study.id == study_id).values(archived=archived))


def delete_study(database: Database, name: str, *, stale_after: float) -> list[str]:
    """Delete a study with its trials and their records; return its checkpoints' paths.

    The checkpoint files stay. Its looks at the test split go to the studies that belong to it.

    Raises:
        NotFoundError: The study does not exist.
        RecordsError: A driver works on the study.
    """
    with database.writing() as connection:
        study_id = _lock_without_driver(connection, database, name, stale_after)
        files = select(StoredCheckpoint.path).join(Trial).where(Trial.study_id == study_id)
        paths = sorted(set(connection.scalars(files)))
        used = select(Attempt.environment_id).join(Trial).where(Trial.study_id == study_id)
        environments = {key for key in connection.scalars(used.distinct()) if key is not None}
        hand_down(connection, study_id)
        connection.execute(delete(Study).where(Study.id == study_id))
        delete_unused(connection, environments)
    return paths


def extend_study(
    database: Database, name: str, trials: int, *, more: Mapping[str, Any] | None = None
) -> StudyRow:
    """Add trials to a study's budget, or change its other budgets; return the changed study.

    A driver that works on the study keeps its number of trials; the next `resume` takes the new
    one.

    Args:
        trials: Number of trials to add; 0 if only other budgets change.
        more: Other budgets by name; each replaces the recorded one.

    Raises:
        NotFoundError: The study does not exist.
    """
    with database.writing() as connection:
        # Another process that extends the study waits, and adds to the new number.
        connection.execute(select(Study.id).where(Study.name == name).with_for_update())
        row = study_row(connection, name)
        budget = row.budget | dict(more or {})
        if trials:
            budget["trials"] = max(int(row.budget["trials"]), row.trials) + trials
        # Earlier trials do not count against the patience of a plateau.
        budget["plateau_since"] = row.trials
        state = "open" if row.state == "complete" else row.state
        changed = update(Study).where(Study.id == row.id).values(budget=budget, state=state)
        connection.execute(changed)
        return study_row(connection, name)


def widen_study(
    database: Database,
    name: str,
    space: Mapping[str, Any],
    digest: str,
    *,
    stale_after: float,
) -> StudyRow:
    """Give a study another space from its next trial on; return the changed study.

    The previous space stays recorded. The caller must check that the new space admits the trials so
    far.

    Raises:
        NotFoundError: The study does not exist.
        RecordsError: A driver works on the study.
    """
    with database.writing() as connection:
        study_id = _lock_without_driver(connection, database, name, stale_after)
        row = study_row(connection, name)
        held = {"until": row.trials, "digest": row.space_digest, "space": row.space}
        values = {
            "earlier_spaces": [*(row.earlier_spaces or []), held],
            "space": dict(space),
            "space_digest": digest,
        }
        connection.execute(update(Study).where(Study.id == study_id).values(values))
        return study_row(connection, name)


def _lock_without_driver(
    connection: Connection, database: Database, name: str, stale_after: float
) -> int:
    """Return the id of a study that has no driver, and lock it until the transaction ends."""
    chosen = select(Study.id, Study.name, Study.owner, Study.heartbeat).where(Study.name == name)
    row = connection.execute(chosen.with_for_update()).first()
    if row is None:
        study_row(connection, name)
        raise NotFoundError(f"no study named {name!r}.")
    study_id, name, owner, heartbeat = row
    check_free(name, owner, heartbeat, stale_after=stale_after, now=database.clock())
    return int(study_id)
