"""Ends attempts that a driver left open, so that their trials can continue."""

from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy import Connection, Row, Select, func, select, update

from autotrick.records.database import Database
from autotrick.records.retry import repeatable
from autotrick.records.schema import Attempt, Report, Trial

MOST_UNREPORTED_S = 600.0
"""Seconds that a dead driver's attempt may exceed its reports; two epochs if that is longer."""


@repeatable
def end_open_attempts(
    database: Database,
    study_id: int,
    *,
    reason: str,
    state: Literal["lost", "stopped"] = "lost",
    heard: datetime | None = None,
) -> int:
    """End every open attempt of a study, so that its trials wait; return their number.

    Args:
        state: `lost` if the driver that began them died, `stopped` if it ended normally.
        heard: The last heartbeat of that driver. Its attempts end then, or earlier if their reports
            show that they were shorter.
    """
    open_ones = _open_attempts(study_id)
    waits = update(Trial).where(Trial.study_id == study_id, Trial.state == "running")
    with database.writing() as connection:
        rows = connection.execute(open_ones).all()
        for row in rows:
            ended = database.working_time() if heard is None else heard
            if heard is not None:
                ended = min(ended, row.started + _longest_duration(connection, study_id, row))
            values = {"state": state, "reason": reason, "ended": max(row.started, ended)}
            connection.execute(update(Attempt).where(Attempt.id == row.id).values(values))
        connection.execute(waits.values(state="waiting"))
    return len(rows)


def _open_attempts(study_id: int) -> Select[int, int, int, datetime]:
    chosen = select(Attempt.id, Attempt.trial_id, Attempt.number, Attempt.started)
    chosen = chosen.join_from(Attempt, Trial).where(Trial.study_id == study_id)
    return chosen.where(Trial.state == "running", Attempt.state == "open")


def _longest_duration(
    connection: Connection, study_id: int, attempt: Row[int, int, int, datetime]
) -> timedelta:
    """Return the longest duration that an attempt's reports allow, if its driver has died.

    The last heartbeat can be long after the work if the machine slept or its clock was set.
    """
    mine = (Report.trial_id == attempt.trial_id, Report.attempt == attempt.number)
    reported = connection.scalar(select(func.sum(Report.seconds)).where(*mine))
    longest = select(func.max(Report.seconds)).join_from(Report, Trial)
    epoch = connection.scalar(longest.where(Trial.study_id == study_id))
    gap = max(MOST_UNREPORTED_S, 2 * (epoch or 0.0))
    return timedelta(seconds=2 * (reported or 0.0) + gap)
