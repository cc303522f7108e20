"""Statistics over the trials of a study, computed by the database without reading each trial."""

from collections.abc import Iterable
from itertools import islice
from typing import Any

from sqlalchemy import Connection, Select, case, func, select

from autotrick.records.database import Database
from autotrick.records.recipe_columns import split_tricks
from autotrick.records.rows import TrickSet
from autotrick.records.schema import Trial
from autotrick.records.studies import id_of
from autotrick.records.studies import study as read_study

_PAGE = 1000
_CENTRE = 0.5
_ROUNDING = 1e-12
"""A sum of squared deviations below this, per trial, is rounding error: the values are equal."""


def trick_sets(database: Database, study: str) -> list[TrickSet]:
    """Return every set of tricks that has a complete trial, with statistics over its trials.

    Raises:
        NotFoundError: The study does not exist.
    """
    larger = read_study(database, study).value_metric.larger
    done = case((Trial.state == "complete", Trial.value))
    measured = select(
        Trial.tricks,
        func.count(done),
        func.sum(case((Trial.state == "pruned", 1), else_=0)),
        func.sum(case((Trial.state == "failed", 1), else_=0)),
        func.avg(done),
        func.sum((done - _CENTRE) * (done - _CENTRE)),
        func.max(done) if larger else func.min(done),
    )
    measured = measured.group_by(Trial.tricks).having(func.count(done) > 0)
    with database.reading() as connection:
        study_id = id_of(connection, study)
        rows = connection.execute(measured.where(Trial.study_id == study_id)).all()
        first = _first(connection, study_id, {row[-1] for row in rows})
    return [_trick_set(first, *row) for row in rows]


def _first(
    connection: Connection, study_id: int, values: Iterable[float]
) -> dict[tuple[str, float], int]:
    """Return the first complete trial of each set of tricks with each of these values."""
    table = Trial.__table__.c
    chosen: Select[Any] = select(table.tricks, table.value, func.min(table.number))
    chosen = chosen.where(Trial.study_id == study_id, Trial.state == "complete")
    chosen = chosen.group_by(Trial.tricks, Trial.value)
    wanted, found = iter(values), {}
    while page := list(islice(wanted, _PAGE)):
        for tricks, value, number in connection.execute(chosen.where(Trial.value.in_(page))):
            found[tricks, value] = number
    return found


def _trick_set(first: dict[tuple[str, float], int], tricks: str, *sums: Any) -> TrickSet:
    num, num_pruned, num_failed, mean, squares, best = sums
    squares -= num * (mean - _CENTRE) ** 2
    return TrickSet(
        tricks=split_tricks(tricks),
        num=num,
        num_pruned=num_pruned,
        num_failed=num_failed,
        mean=mean,
        squares=squares if squares > _ROUNDING * num else 0.0,
        best=best,
        best_trial=first[tricks, best],
    )
