"""One driver at a time, with a clock that only the test moves."""

import os
import socket
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from autotrick.errors import NotFoundError, RecordsError
from autotrick.records import (
    Database,
    StudyPlan,
    StudyRow,
    acquire_lease,
    ask_to_stop,
    await_heartbeat,
    create_study,
    open_database,
    release_lease,
    renew_lease,
    this_process,
)
from autotrick.records import study as read_study

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
ELSEWHERE = "elsewhere:17:123"


def after(seconds: float) -> Any:
    return NOON + timedelta(seconds=seconds)


def owner_of(database: Database) -> Any:
    return read_study(database, "mixing").owner


def test_a_fresh_claim_keeps_others_out_and_names_its_owner(
    database: Database, study: StudyRow
) -> None:
    acquire_lease(database, study.id, ELSEWHERE, now=NOON, stale_after=60)

    with pytest.raises(
        RecordsError, match="being searched by elsewhere:17:123, whose last heartbeat was 59 s ago"
    ):
        acquire_lease(database, study.id, this_process(), now=after(59), stale_after=60)

    found = read_study(database, "mixing")
    assert (found.owner, found.heartbeat) == (ELSEWHERE, NOON)


def test_claiming_again_is_harmless(database: Database, study: StudyRow) -> None:
    acquire_lease(database, study.id, ELSEWHERE, now=NOON, stale_after=60)

    acquire_lease(database, study.id, ELSEWHERE, now=after(5), stale_after=60)

    assert read_study(database, "mixing").heartbeat == after(5)


def test_a_stale_claim_is_taken_over_and_its_owner_learns_it(
    database: Database, study: StudyRow
) -> None:
    acquire_lease(database, study.id, ELSEWHERE, now=NOON, stale_after=60)

    acquire_lease(database, study.id, "third:1:1", now=after(61), stale_after=60)

    assert owner_of(database) == "third:1:1"
    with pytest.raises(RecordsError, match="taken over by third:1:1"):
        renew_lease(database, study.id, ELSEWHERE, now=after(62))
    assert read_study(database, "mixing").heartbeat == after(61)


def test_a_renewed_claim_stays_fresh(database: Database, study: StudyRow) -> None:
    acquire_lease(database, study.id, ELSEWHERE, now=NOON, stale_after=60)
    renew_lease(database, study.id, ELSEWHERE, now=after(50))

    with pytest.raises(RecordsError, match="heartbeat was 20 s ago"):
        acquire_lease(database, study.id, "third:1:1", now=after(70), stale_after=60)


def test_a_released_study_is_free_at_once(database: Database, study: StudyRow) -> None:
    acquire_lease(database, study.id, ELSEWHERE, now=NOON, stale_after=60)
    release_lease(database, study.id, "third:1:1")
    assert owner_of(database) == ELSEWHERE

    release_lease(database, study.id, ELSEWHERE)

    assert owner_of(database) is None
    acquire_lease(database, study.id, "third:1:1", now=after(1), stale_after=60)


@pytest.fixture
def other_process() -> Any:
    """A live process and the name it claims under."""
    code = "from autotrick.records import this_process; print(this_process(), flush=True); input()"
    with subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        yield process, process.stdout.readline().strip()
        process.kill()


@pytest.mark.slow
def test_a_process_of_this_machine_holds_its_claim_until_it_dies(
    database: Database, study: StudyRow, other_process: Any
) -> None:
    process, owner = other_process
    assert owner.startswith(f"{socket.gethostname()}:{process.pid}:")
    acquire_lease(database, study.id, owner, now=NOON, stale_after=60)
    with pytest.raises(RecordsError, match="being searched by"):
        acquire_lease(database, study.id, this_process(), now=after(1), stale_after=60)

    process.kill()
    os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)

    acquire_lease(database, study.id, this_process(), now=after(2), stale_after=60)
    assert owner_of(database) == this_process()


def test_a_later_process_with_the_same_number_is_another(
    database: Database, study: StudyRow
) -> None:
    host, pid, start, space = this_process().split(":")
    acquire_lease(
        database, study.id, f"{host}:{pid}:{int(start) - 1}:{space}", now=NOON, stale_after=60
    )

    acquire_lease(database, study.id, this_process(), now=after(1), stale_after=60)

    assert owner_of(database) == this_process()


def test_a_missing_study_cannot_be_claimed(database: Database) -> None:
    with pytest.raises(NotFoundError, match="no study with id 9"):
        acquire_lease(database, 9, ELSEWHERE, now=NOON, stale_after=60)


def test_a_driver_hears_that_it_is_asked_to_stop(database: Database, study: StudyRow) -> None:
    acquire_lease(database, study.id, ELSEWHERE, stale_after=60)
    assert not renew_lease(database, study.id, ELSEWHERE)

    assert ask_to_stop(database, "mixing", stale_after=60) == ELSEWHERE

    assert renew_lease(database, study.id, ELSEWHERE)
    assert read_study(database, "mixing").state == "stopping"


def test_the_next_driver_is_not_asked_any_more(database: Database, study: StudyRow) -> None:
    acquire_lease(database, study.id, ELSEWHERE, stale_after=60)
    ask_to_stop(database, "mixing", stale_after=60)
    release_lease(database, study.id, ELSEWHERE)

    acquire_lease(database, study.id, "third:1:1", stale_after=60)

    assert not renew_lease(database, study.id, "third:1:1")


def test_a_study_that_nobody_drives_cannot_be_stopped(database: Database, study: StudyRow) -> None:
    with pytest.raises(RecordsError, match="nobody searches study 'mixing'"):
        ask_to_stop(database, "mixing", stale_after=60)

    acquire_lease(database, study.id, ELSEWHERE, now=NOON, stale_after=60)
    with pytest.raises(RecordsError, match="nothing to stop"):
        ask_to_stop(database, "mixing", stale_after=60)


def test_a_machine_whose_clock_is_wrong_takes_nothing_over(
    database_url: str, plan: StudyPlan, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two machines go by the server's clock; a file is one machine's."""
    with open_database(database_url) as here:
        study = create_study(here, plan)
        acquire_lease(here, study.id, ELSEWHERE, stale_after=60)
        monkeypatch.setattr(
            "autotrick.records.database.utc_now", lambda: datetime.now(UTC) + timedelta(minutes=10)
        )
        with open_database(database_url) as there:
            if there.dialect == "sqlite":
                acquire_lease(there, study.id, this_process(), stale_after=60)
            else:
                with pytest.raises(RecordsError, match="being searched by elsewhere:17:123"):
                    acquire_lease(there, study.id, this_process(), stale_after=60)
                assert abs(there.clock() - datetime.now(UTC)) < timedelta(minutes=1)


def test_a_driver_that_ends_while_it_is_asked_to_has_stopped(
    database: Database, study: StudyRow
) -> None:
    acquire_lease(database, study.id, ELSEWHERE, stale_after=60)
    ask_to_stop(database, "mixing", stale_after=60)

    release_lease(database, study.id, ELSEWHERE)

    assert read_study(database, "mixing").state == "stopped"


def test_the_same_number_in_another_container_is_another_process(
    database: Database, study: StudyRow
) -> None:
    """Containers that share the host's network share its name, and not its process numbers."""
    *_, space = this_process().split(":")
    acquire_lease(
        database, study.id, f"{socket.gethostname()}:1:7:{int(space) + 1}", stale_after=60
    )

    with pytest.raises(RecordsError, match="is being searched by"):
        acquire_lease(database, study.id, this_process(), stale_after=60)


def test_a_process_of_this_machine_that_says_nothing_keeps_its_study(
    database: Database, study: StudyRow
) -> None:
    """It may be waiting for Ray to start, or for a proposal that takes minutes."""
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as other:
        start = Path(f"/proc/{other.pid}/stat").read_text().rpartition(")")[2].split()[19]
        host, *_, space = this_process().split(":")
        owner = f"{host}:{other.pid}:{start}:{space}"
        acquire_lease(database, study.id, owner, now=NOON, stale_after=60)

        with pytest.raises(RecordsError, match="heartbeat was 3600 s ago"):
            acquire_lease(database, study.id, this_process(), now=after(3600), stale_after=60)

        other.kill()
    acquire_lease(database, study.id, this_process(), now=after(3600), stale_after=60)


def test_driver_that_was_heard_of_in_the_future_and_says_nothing_more_is_dead(
    database: Database, study: StudyRow
) -> None:
    acquire_lease(database, study.id, ELSEWHERE, now=after(3600), stale_after=60)
    database.clock = lambda: NOON
    told: list[str] = []
    with pytest.raises(
        RecordsError, match="heartbeat is 3600 s in the future: its clock or this one"
    ):
        acquire_lease(database, study.id, this_process(), stale_after=60)

    await_heartbeat(database, study.id, stale_after=0.05, tell=told.append, pause_s=0.01)

    acquire_lease(database, study.id, this_process(), stale_after=60)
    assert owner_of(database) == this_process()
    assert len(told) == 1 and "is 3600 s in the future" in told[0]


def test_driver_that_was_heard_of_in_the_future_and_renews_lives(
    database: Database, study: StudyRow
) -> None:
    acquire_lease(database, study.id, ELSEWHERE, now=after(3600), stale_after=60)
    database.clock = lambda: NOON

    def renews(_sentence: str) -> None:
        renew_lease(database, study.id, ELSEWHERE, now=after(3605))

    await_heartbeat(database, study.id, stale_after=60, tell=renews, pause_s=0.01)

    with pytest.raises(RecordsError, match="heartbeat is 3605 s in the future"):
        acquire_lease(database, study.id, this_process(), stale_after=60)


@pytest.mark.parametrize("heartbeat_s", [-3600.0, -30.0, 0.0, 30.0])
def test_driver_of_which_the_times_tell_is_not_waited_for(
    database: Database, study: StudyRow, heartbeat_s: float
) -> None:
    acquire_lease(database, study.id, ELSEWHERE, now=after(heartbeat_s), stale_after=60)
    database.clock = lambda: NOON
    told: list[str] = []

    await_heartbeat(database, study.id, stale_after=60, tell=told.append)

    assert (told, owner_of(database)) == ([], ELSEWHERE)
