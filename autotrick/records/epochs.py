"""Writes of what a trial reports, epoch by epoch: metrics and checkpoints.

After every write a trial's value, epochs, seconds and weights are those of its epoch reports, so
that a running trial can be watched.
"""

import math
from collections.abc import Collection
from datetime import datetime

from sqlalchemy import Connection, case, delete, literal, select, update

from autotrick.recipe import EpochReport
from autotrick.records.database import Database
from autotrick.records.queries import trial_state
from autotrick.records.rows import UNFINISHED_STATES, CheckpointRow
from autotrick.records.schema import Checkpoint, Report, Trial


def add_report(
    database: Database,
    trial_id: int,
    report: EpochReport,
    *,
    checkpoint: CheckpointRow | None = None,
) -> bool:
    """Record one epoch and bring the trial up to date; return whether it was new.

    A second report of an epoch is ignored, and so is one for a trial that has ended. A checkpoint is
    recorded in either case and takes the place of an earlier one of its epoch.

    Args:
        checkpoint: The checkpoint that was taken after this epoch, once it is wholly written.

    Raises:
        NotFoundError: There is no such trial.
    """
    now = database.clock()
    with database.writing() as connection:
        new = _insert_report(connection, database, trial_id, report, now)
        if not new:
            trial_state(connection, trial_id)
        else:
            later = Trial.epochs < report.epoch
            changes = {
                "seconds": Trial.seconds + report.seconds,
                "epochs": case((later, report.epoch), else_=Trial.epochs),
                "value": case((later, report.accuracy), else_=Trial.value),
                "weights": case((later, report.weights), else_=Trial.weights),
            }
            connection.execute(update(Trial).where(Trial.id == trial_id).values(changes))
        if checkpoint is not None:
            _put_checkpoint(connection, database, checkpoint, now)
    return new


def add_checkpoint(database: Database, checkpoint: CheckpointRow) -> None:
    """Record a checkpoint, once it is wholly written, in place of an earlier one of its epoch."""
    with database.writing() as connection:
        _put_checkpoint(connection, database, checkpoint, database.clock())


def forget_checkpoints(database: Database, trial_id: int, epochs: Collection[int]) -> None:
    """Take checkpoints off the record, before their files are deleted."""
    chosen = delete(Checkpoint).where(Checkpoint.trial_id == trial_id)
    with database.writing() as connection:
        connection.execute(chosen.where(Checkpoint.epoch.in_(epochs)))


def _insert_report(
    connection: Connection,
    database: Database,
    trial_id: int,
    report: EpochReport,
    now: datetime,
) -> bool:
    values = {
        "epoch": report.epoch,
        "accuracy": report.accuracy,
        "loss": _no_nan(report.loss),
        "train_loss": _no_nan(report.train_loss),
        "lr": _no_nan(report.lr),
        "seconds": report.seconds,
        "weights": report.weights,
        "extra": {key: _json_number(value) for key, value in report.extra.items()},
        "created": now,
    }
    columns = Report.__table__.c
    row = [literal(value, columns[key].type) for key, value in values.items()]
    source = select(Trial.id, Trial.attempts, *row)
    source = source.where(Trial.id == trial_id, Trial.state.in_(UNFINISHED_STATES))
    added = database.insert(Report).from_select(["trial_id", "attempt", *values], source)
    added = added.on_conflict_do_nothing(index_elements=["trial_id", "epoch"])
    done = connection.execute(added.execution_options(preserve_rowcount=True))
    return done.rowcount == 1


def _put_checkpoint(
    connection: Connection, database: Database, checkpoint: CheckpointRow, now: datetime
) -> None:
    found = {
        "path": checkpoint.path,
        "checksum": checkpoint.checksum,
        "bytes": checkpoint.bytes,
        "created": now,
    }
    key = {"trial_id": checkpoint.trial_id, "epoch": checkpoint.epoch}
    added = database.insert(Checkpoint).values(key | found)
    connection.execute(added.on_conflict_do_update(index_elements=list(key), set_=found))


def _no_nan(value: float) -> float | None:
    return None if math.isnan(value) else value


def _json_number(value: float) -> float | str:
    """Return the number, or its name where JSON has no number for it."""
    return value if math.isfinite(value) else str(value)
