"""The trial-hours that a study has spent."""

from typing import Any

from sqlalchemy import ColumnElement, Double, case, cast, func, select

from autotrick.records.database import Database
from autotrick.records.retry import repeatable
from autotrick.records.schema import Attempt, Trial


@repeatable
def trial_hours(database: Database, study_id: int) -> float:
    """Return the trial-hours of a study's ended attempts.

    An attempt counts as its wall time times its GPUs, or times its CPUs without GPUs. If its
    resources were not recorded, it counts as one CPU. If it ended before it began, because a clock
    was set back, it counts as zero.
    """
    share = case((Attempt.gpus > 0, Attempt.gpus), else_=func.coalesce(Attempt.cpus, 1.0))
    chosen = select(func.sum(_hours(database.dialect) * share)).join_from(Attempt, Trial)
    chosen = chosen.where(Trial.study_id == study_id, Attempt.ended > Attempt.started)
    with database.reading() as connection:
        return float(connection.scalar(chosen) or 0.0)


def _hours(dialect: str) -> ColumnElement[Any]:
    if dialect == "sqlite":
        return 24 * (func.julianday(Attempt.ended) - func.julianday(Attempt.started))
    return cast(func.extract("epoch", Attempt.ended - Attempt.started), Double) / 3600
