"""Records a trial's epoch reports and checkpoints.

After every write the trial's value, epochs, seconds and weights agree with its epoch reports, so
that people can watch a running trial.
"""

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import (
    BindParameter,
    Connection,
    Insert,
    bindparam,
    case,
    delete,
    null,
    select,
    update,
)

from autotrick.recipe import EpochReport
from autotrick.records.database import Database, upsert
from autotrick.records.queries import trial_state
from autotrick.records.retry import repeatable
from autotrick.records.rows import CheckpointRow
from autotrick.records.schema import Report, StoredCheckpoint, Trial
from autotrick.tasks import ACCURACY


def _new(column: str) -> BindParameter[Any]:
    return bindparam(f"new_{column}", type_=Report.__table__.c[column].type)


# Each statement is built once: SQLAlchemy takes as long to build one as SQLite takes to run it.
@cache
def _add_report(dialect: str) -> Insert:
    """Return an INSERT of a report that skips an existing report and a trial that has ended."""
    columns = [*REPORTED, "created"]
    source = select(Trial.id, Trial.attempts, *(_new(column) for column in columns))
    source = source.where(Trial.id == bindparam("trial"), Trial.finished.is_(None))
    added = upsert(dialect, Report).from_select(["trial_id", "attempt", *columns], source)
    added = added.on_conflict_do_nothing(index_elements=["trial_id", "epoch"])
    return added.execution_options(preserve_rowcount=True)


@cache
def _replace_checkpoint(dialect: str) -> Insert:
    """Return an INSERT of a checkpoint that replaces one of the same trial and epoch."""
    added = upsert(dialect, StoredCheckpoint)
    changed = {name: added.excluded[name] for name in ("path", "checksum", "bytes", "created")}
    return added.on_conflict_do_update(index_elements=["trial_id", "epoch"], set_=changed)


_LATER = Trial.epochs < _new("epoch")
_FOLLOWED = ("trial", "new_epoch", "new_value", "new_seconds", "new_weights")
_FOLLOW = (
    update(Trial)
    .where(Trial.id == bindparam("trial"))
    .values(
        seconds=Trial.seconds + _new("seconds"),
        epochs=case((_LATER, _new("epoch")), else_=Trial.epochs),
        value=case(
            (_LATER, bindparam("new_value", type_=Trial.__table__.c.value.type)), else_=Trial.value
        ),
        weights=case((_LATER, _new("weights")), else_=Trial.weights),
    )
)


_FORGET_OLDER = delete(StoredCheckpoint).where(
    StoredCheckpoint.trial_id == bindparam("trial"), StoredCheckpoint.epoch < bindparam("oldest")
)


def add_report(
    database: Database,
    trial_id: int,
    report: EpochReport,
    *,
    checkpoint: CheckpointRow | None = None,
    metric: str | None = None,
) -> bool:
    """Record one epoch report as `add_reports` does; return whether it was new."""
    return add_reports(database, trial_id, [report], checkpoint=checkpoint, metric=metric) == 1


@repeatable
def add_reports(
    database: Database,
    trial_id: int,
    reports: Sequence[EpochReport],
    *,
    checkpoint: CheckpointRow | None = None,
    keep: int | None = None,
    metric: str | None = None,
) -> int:
    """Record epoch reports and update their trial; return how many were new.

    A second report of an epoch is ignored, and so is a report of a trial that has ended. The
    checkpoint is recorded in either case and replaces an earlier one of its epoch.

    Args:
        checkpoint: The checkpoint taken after the last of these epochs; its file must be complete.
        keep: How many of the trial's checkpoints stay on record, including this one; older ones are
            removed from the database. None keeps all.
        metric: Name of the study's metric, which becomes the trial's value; None takes the first
            one.

    Raises:
        NotFoundError: The trial does not exist.
    """
    now = database.clock()
    with database.writing() as connection:
        new = sum(
            _put_report(connection, database, trial_id, report, metric, now) for report in reports
        )
        if new < len(reports):
            trial_state(connection, trial_id)
        if checkpoint is not None:
            _put_checkpoint(connection, database, checkpoint, now)
            if keep is not None:
                oldest = {"trial": trial_id, "oldest": checkpoint.epoch - keep + 1}
                connection.execute(_FORGET_OLDER, oldest)
    return new


@repeatable
def add_checkpoint(database: Database, checkpoint: CheckpointRow) -> None:
    """Record a checkpoint whose file is complete, replacing an earlier one of its epoch."""
    with database.writing() as connection:
        _put_checkpoint(connection, database, checkpoint, database.clock())


@repeatable
def forget_checkpoints(database: Database, trial_id: int, epochs: Collection[int]) -> None:
    """Remove checkpoints from the database, before their files are deleted."""
    chosen = delete(StoredCheckpoint).where(StoredCheckpoint.trial_id == trial_id)
    with database.writing() as connection:
        connection.execute(chosen.where(StoredCheckpoint.epoch.in_(epochs)))


REPORTED = (
    *("epoch", "accuracy", "metrics", "loss", "train_loss", "lr", "seconds", "weights", "extra"),
)
"""The columns of a report's row that come from the report itself."""


def metric_columns(metrics: Mapping[str, float]) -> dict[str, Any]:
    """Return the column of accuracy, and that of all metrics unless accuracy is the only one."""
    accuracy = metrics.get(ACCURACY.name)
    if accuracy is not None and len(metrics) == 1:
        return {"accuracy": accuracy, "metrics": null()}
    named = {name: _json_number(value) for name, value in metrics.items()}
    return {"accuracy": accuracy, "metrics": named}


def metrics_of(accuracy: float | None, named: Mapping[str, Any] | None) -> dict[str, float]:
    """Return the metrics that `metric_columns` wrote."""
    if named is not None:
        return {name: float(value) for name, value in named.items()}
    assert accuracy is not None
    return {ACCURACY.name: accuracy}


def report_columns(report: EpochReport) -> dict[str, Any]:
    """Return the columns of a report's row that come from the report itself."""
    return {
        "epoch": report.epoch,
        **metric_columns(report.metrics),
        "loss": _no_nan(report.loss),
        "train_loss": _no_nan(report.train_loss),
        "lr": _no_nan(report.lr),
        "seconds": report.seconds,
        "weights": report.weights,
        "extra": {key: _json_number(value) for key, value in report.extra.items()},
    }


def _put_report(
    connection: Connection,
    database: Database,
    trial_id: int,
    report: EpochReport,
    metric: str | None,
    now: datetime,
) -> bool:
    columns = report_columns(report)
    values = {f"new_{name}": columns[name] for name in REPORTED}
    worth = report.value if metric is None else report.metrics[metric]
    values |= {"trial": trial_id, "new_created": now, "new_value": worth}
    new = connection.execute(_add_report(database.dialect), values).rowcount == 1
    if new:
        connection.execute(_FOLLOW, {key: values[key] for key in _FOLLOWED})
    return new


def _put_checkpoint(
    connection: Connection, database: Database, checkpoint: CheckpointRow, now: datetime
) -> None:
    values = {**asdict(checkpoint), "created": now}
    connection.execute(_replace_checkpoint(database.dialect), values)


def _no_nan(value: float) -> float | None:
    return None if math.isnan(value) else value


def _json_number(value: float) -> float | str:
    """Return the number, or its name (`nan`, `inf`, `-inf`) if JSON cannot hold it."""
    return value if math.isfinite(value) else str(value)
