"""A study that is held while its driver is busy, with a clock that only the test moves."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from autotrick import records
from autotrick.errors import RecordsError
from autotrick.records import Database, StudyPlan, StudyRow
from autotrick.tune.driver.lease import Lease
from tests.postgres import PostgresServer
from tests.tune.places import PATIENCE_S

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
PLAN = StudyPlan("mixing", "Does it help?", {}, "d1gest", 0, {"trials": 1})
BEAT_S = 0.01


@pytest.fixture
def study(database: Database) -> StudyRow:
    database.clock = lambda: NOON
    return records.create_study(database, PLAN)


@pytest.fixture
def elsewhere(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Lease]:
    """Return a function that makes claims of a driver on another machine, as seen from this one."""

    def claim(database: Database, study: StudyRow) -> Lease:
        with monkeypatch.context() as patched:
            patched.setattr(socket, "gethostname", lambda: "elsewhere")
            return Lease(database, study.id, stale_after=60, period_s=BEAT_S)

    return claim


def until(condition: Callable[[], Any]) -> None:
    end = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.01)


def move_on(database: Database, hours: int) -> datetime:
    now = NOON + timedelta(hours=hours)
    database.clock = lambda: now
    return now


def heard(database: Database) -> Any:
    return records.study(database, "mixing").heartbeat


def take_over(database: Database, study: StudyRow) -> None:
    records.acquire_lease(database, study.id, "third:1:1", stale_after=60)


def test_driver_that_is_busy_for_an_hour_keeps_its_study(
    database: Database, study: StudyRow, elsewhere: Any
) -> None:
    with elsewhere(database, study):
        now = move_on(database, hours=1)
        until(lambda: heard(database) == now)

        with pytest.raises(RecordsError, match="being searched by elsewhere:"):
            take_over(database, study)


def test_study_that_is_given_back_is_renewed_no_more(
    database: Database, study: StudyRow, elsewhere: Any
) -> None:
    with elsewhere(database, study) as claim:
        pass

    assert not claim._thread.is_alive()
    take_over(database, study)


def test_claim_ends_with_the_thread_that_holds_it(
    database: Database, study: StudyRow, elsewhere: Any
) -> None:
    claims: list[Lease] = []

    def hold() -> None:
        claims.append(elsewhere(database, study).__enter__())

    holder = Thread(target=hold)
    holder.start()
    holder.join()
    claims[0]._thread.join(PATIENCE_S)
    move_on(database, hours=1)

    assert not claims[0]._thread.is_alive()
    take_over(database, study)


def test_driver_hears_that_it_is_asked_to_end(
    database: Database, study: StudyRow, elsewhere: Any
) -> None:
    with elsewhere(database, study) as claim:
        records.ask_to_stop(database, "mixing", stale_after=60)

        until(lambda: claim.asked_to_stop)


def test_driver_hears_that_its_study_was_taken_over(
    database: Database, study: StudyRow, elsewhere: Any
) -> None:
    with elsewhere(database, study) as claim:
        records.acquire_lease(database, study.id, "third:1:1", stale_after=-1)

        with pytest.raises(RecordsError, match="taken over by third:1:1; this one stops"):
            until(claim.check)


def test_driver_hears_that_its_database_is_gone(tmp_path: Path, elsewhere: Any) -> None:
    file = tmp_path / "results.db"
    with records.open_database(f"sqlite:///{file}") as database:
        database.clock = lambda: NOON
        claim = elsewhere(database, records.create_study(database, PLAN)).__enter__()
        file.rename(tmp_path / "moved.db")

        with pytest.raises(RecordsError, match=r"results\.db was deleted or moved"):
            until(claim.check)
        with pytest.raises(RecordsError, match=r"results\.db was deleted or moved"):
            claim.__exit__(None, None, None)


HOLDER = """
import socket, sys, time
from autotrick import records
from autotrick.tune.driver.lease import Lease

socket.gethostname = lambda: "elsewhere"
with records.open_database(sys.argv[1]) as database:
    with Lease(database, 1, stale_after=60, period_s=2):
        print("held", flush=True)
        time.sleep(600)
"""


@pytest.mark.slow
@pytest.mark.parametrize("how", [signal.SIGSTOP, signal.SIGKILL])
def test_process_that_is_stopped_or_dead_is_taken_over(
    database: Database, database_url: str, how: int
) -> None:
    study = records.create_study(database, PLAN)
    words = [sys.executable, "-c", HOLDER, database_url]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as holder:
        try:
            assert holder.stdout and holder.stdout.readline() == "held\n"
            begun = heard(database)
            until(lambda: heard(database) > begun)

            os.kill(holder.pid, how)  # while it waits, and holds no lock of the database

            until(lambda: taken(database, study))
        finally:
            holder.kill()


def taken(database: Database, study: StudyRow) -> bool:
    with suppress(RecordsError):
        records.acquire_lease(database, study.id, "third:1:1", stale_after=1)
        return True
    return False


@pytest.mark.slow
@pytest.mark.postgresql
def test_outage_is_no_matter_of_the_thread(
    postgresql: PostgresServer,
    elsewhere: Any,
    capfd: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    renew, failed = records.renew_lease, list[RecordsError]()

    def renewing(database: Database, study_id: int, owner: str) -> bool:
        try:
            return renew(database, study_id, owner)
        except RecordsError as error:
            failed.append(error)
            raise

    monkeypatch.setattr(records, "renew_lease", renewing)
    with records.open_database(postgresql.new_database()) as database:
        study = records.create_study(database, PLAN)
        said: list[str] = []
        with records.retrying(database, 60, said.append), elsewhere(database, study) as claim:
            postgresql.kill()
            until(lambda: len(failed) > 2)
            postgresql.start()
            now = move_on(database, hours=1)
            until(lambda: heard(database) == now)

            assert claim._thread.is_alive()
        assert (said, capfd.readouterr().err) == ([], "")
