"""What `follow` does: watch a study that another process searches."""

import time
from contextlib import suppress

from autotrick import records
from autotrick.cli.open_for_reading import print_unread
from autotrick.cli.progress import watching_study
from autotrick.cli.search_outcome import print_outcome
from autotrick.errors import NotFoundError, RecordsError
from autotrick.records import Database, StudyRow, open_database
from autotrick.tune.follow import Follower
from autotrick.tune.session import STALE_S

PAUSE_S = 1.0
"""Seconds between two looks at the database."""


def follow_search(study: str, url: str, *, wait_s: float) -> None:
    """Show the progress of a search in another process until it ends, then the outcome.

    Args:
        wait_s: How long to wait for the search to begin.

    Raises:
        RecordsError: There is no database, or the search has died.
        NotFoundError: There is no study of that name.
    """
    limit = time.monotonic() + wait_s
    with _await_database(url, limit) as database:
        row = _await_driver(database, study, limit)
        follower = Follower.of(database, row)
        with watching_study(row) as watch:
            while True:
                row = records.study(database, study)
                watch.total = row.settings.trials
                for event in follower.news():
                    watch(event)
                if not _driven(database, row):
                    break
                time.sleep(PAUSE_S)
        print_outcome(database, row)
        print_unread(database, row)
    if row.owner:
        raise RecordsError(
            f"the search of {study!r} ({row.owner}) has died. Nothing is lost: "
            f"autotrick resume {study}"
        )


def _await_database(url: str, limit: float) -> Database:
    """Open the database as soon as it exists; raise RecordsError when the time is up."""
    while time.monotonic() < limit:
        with suppress(RecordsError):
            return open_database(url, create=False, unread=[])
        time.sleep(PAUSE_S)
    return open_database(url, create=False, unread=[])


def _await_driver(database: Database, study: str, limit: float) -> StudyRow:
    """Return the study as soon as a driver searches it, or when the time is up."""
    while time.monotonic() < limit:
        with suppress(NotFoundError):
            row = records.study(database, study)
            if _driven(database, row):
                return row
        time.sleep(PAUSE_S)
    return records.study(database, study)


def _driven(database: Database, row: StudyRow) -> bool:
    return records.is_alive(row.owner, row.heartbeat, stale_after=STALE_S, now=database.clock())
