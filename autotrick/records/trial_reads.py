"""Reads the epoch reports, attempts and checkpoints of trials."""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from operator import itemgetter
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, select

from autotrick.recipe import EpochReport
from autotrick.records.database import Database
from autotrick.records.epochs import REPORTED, metrics_of
from autotrick.records.retry import repeatable
from autotrick.records.rows import AttemptRow, CheckpointRow, Point
from autotrick.records.schema import Attempt, Environment, Report, StoredCheckpoint, Trial
from autotrick.records.studies import columns_of, id_of, study_row

_REPORTS = tuple(Report.__table__.c[name] for name in REPORTED)
_POINTS = tuple(Report.__table__.c[name] for name in ("epoch", "accuracy", "metrics", "seconds"))


@repeatable
def reports(
    database: Database, study: str, *, numbers: Iterable[int] | None = None
) -> dict[int, list[EpochReport]]:
    """Return the epoch reports of a study's trials by trial number, epochs in order.

    Args:
        numbers: Numbers of the trials; None for all. A trial without reports is not in the result.

    Raises:
        NotFoundError: The study does not exist.
    """
    with database.reading() as connection:
        return reports_of(connection, study, numbers)


def reports_of(
    connection: Connection, study: str, numbers: Iterable[int] | None
) -> dict[int, list[EpochReport]]:
    """Return the same as `reports`, within a transaction.

    Raises:
        NotFoundError: The study does not exist.
    """
    return {
        number: [_report(values) for _, *values in rows]
        for number, rows in _by_trial(connection, study, _REPORTS, numbers)
    }


@repeatable
def curves(
    database: Database, study: str, *, numbers: Iterable[int] | None = None
) -> dict[int, list[Point]]:
    """Return the epoch, the study's metric and the seconds of each report.

    It is ten times as fast as `reports`.

    Raises:
        NotFoundError: The study does not exist.
    """
    with database.reading() as connection:
        metric = study_row(connection, study).objective.metric.name
        return {
            number: [_point(metric, *row[1:]) for row in rows]
            for number, rows in _by_trial(connection, study, _POINTS, numbers)
        }


def _point(
    metric: str, epoch: int, accuracy: float | None, named: Mapping[str, Any] | None, seconds: float
) -> Point:
    if named is None:
        assert accuracy is not None
        return Point(epoch, accuracy, seconds)
    return Point(epoch, float(named[metric]), seconds)


def attempts(database: Database, study: str, number: int) -> list[AttemptRow]:
    """Return the attempts of one trial, in order.

    Raises:
        NotFoundError: The study does not exist.
    """
    with database.reading() as connection:
        return attempts_of(connection, study, [number]).get(number, [])


def attempts_of(
    connection: Connection, study: str, numbers: Iterable[int]
) -> dict[int, list[AttemptRow]]:
    """Return the attempts of trials by trial number, in order, within a transaction.

    Raises:
        NotFoundError: The study does not exist.
    """
    columns = columns_of(Attempt, without=("trial_id", "environment_id", "cpus", "gpus"))
    last = (Environment.facts, Attempt.cpus, Attempt.gpus)
    chosen = select(Trial.number, *columns, *last).join_from(Attempt, Trial)
    chosen = chosen.outerjoin(Environment, Environment.id == Attempt.environment_id)
    study_id = id_of(connection, study)
    chosen = chosen.where(Trial.study_id == study_id, Trial.number.in_(list(numbers)))
    found: dict[int, list[AttemptRow]] = {}
    for number, *row in connection.execute(chosen.order_by(Trial.number, Attempt.number)):
        found.setdefault(number, []).append(AttemptRow(*row))
    return found


@repeatable
def checkpoints(database: Database, study: str) -> dict[int, list[CheckpointRow]]:
    """Return the recorded checkpoints of a study's trials by trial number, epochs in order.

    Raises:
        NotFoundError: The study does not exist.
    """
    chosen = select(Trial.number, *columns_of(StoredCheckpoint, without=("created",)))
    chosen = chosen.join_from(Trial, StoredCheckpoint).order_by(
        Trial.number, StoredCheckpoint.epoch
    )
    found: dict[int, list[CheckpointRow]] = {}
    with database.reading() as connection:
        study_id = id_of(connection, study)
        for row in connection.execute(chosen.where(Trial.study_id == study_id)):
            found.setdefault(row[0], []).append(CheckpointRow(*row[1:]))
    return found


@repeatable
def last_checkpoint(database: Database, trial_id: int) -> CheckpointRow | None:
    """Return a trial's latest recorded checkpoint, or None."""
    chosen = select(*columns_of(StoredCheckpoint, without=("created",)))
    chosen = chosen.where(StoredCheckpoint.trial_id == trial_id)
    with database.reading() as connection:
        row = connection.execute(chosen.order_by(StoredCheckpoint.epoch.desc()).limit(1)).first()
    return None if row is None else CheckpointRow(*row)


def _by_trial(
    connection: Connection,
    study: str,
    columns: Sequence[ColumnElement[Any]],
    numbers: Iterable[int] | None,
) -> Iterator[tuple[int, Iterator[Any]]]:
    """Yield the wanted columns of a study's reports by trial number, epochs in order.

    Trials get their ids in the order of their numbers, so sorting by id also sorts by number.
    """
    of_study = Trial.study_id == id_of(connection, study)
    chosen: Select[Any] = select(Report.__table__.c.trial_id, *columns)
    chosen = chosen.order_by(Report.trial_id, Report.epoch)
    names = select(Trial.id, Trial.number).where(of_study)
    if numbers is None:
        chosen = chosen.join(Trial).where(of_study)
    else:
        names = names.where(Trial.number.in_(list(numbers)))
    number_by_id = {row.id: row.number for row in connection.execute(names)}
    if numbers is not None:
        chosen = chosen.where(Report.trial_id.in_(list(number_by_id)))
    for key, rows in groupby(connection.execute(chosen), key=itemgetter(0)):
        yield number_by_id[key], rows


def _report(values: Sequence[Any]) -> EpochReport:
    row = dict(zip(REPORTED, values, strict=True))
    metrics = metrics_of(row.pop("accuracy"), row.pop("metrics"))
    numbers = {name: math.nan if value is None else value for name, value in row.items()}
    return EpochReport.model_validate(numbers | {"metrics": metrics})
