"""Whole studies under Ray, from the command line, with what happens to them in real life."""

import os
import signal
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from autotrick import records
from autotrick.reproduce import reproduce
from tests.cases import case
from tests.chaos.processes import command_of, descendants
from tests.disks import disk_at
from tests.tune.places import ONE_BY_ONE, PATIENCE_S, SEARCH, Place, again, longer
from tests.tune.tracking import Store, documented

pytestmark = [pytest.mark.slow, pytest.mark.ray]

SECRETS = ("v3rysecret", "r3markable", "0penme")
"""Of the environment's database, of the search's own, and of its tracking server."""


def leaks(folder: Path, *secrets: str) -> tuple[int, list[Path]]:
    """Return how many files a folder has, and those in which one of the secrets is."""
    contents = {}
    for path in folder.rglob("*"):
        with suppress(OSError):  # a folder, a socket, or gone by now
            contents[path] = path.read_bytes()
    found = [p for p, text in contents.items() if any(s.encode() in text for s in secrets)]
    return len(contents), found


@dataclass(frozen=True)
class Seen:
    """What a search shows to others while it runs, and what it says."""

    commands: list[str]
    environments: list[str]
    workers: int
    kept: int
    leaked: list[Path]
    authorizations: set[str | None]
    out: str
    err: str


def watched(place: Place) -> Seen:
    """Search to the end, with passwords in several places."""
    store = Store()
    with documented(store) as tracker:
        mlflow = tracker.replace("://", "://me:0penme%21@", 1)
        process = place.start(
            *SEARCH, "--trials", "3", "--cpus-per-trial", "0.5", "--mlflow", mlflow
        )
        place.wait_for_epochs(1, process)
        below = descendants(process.pid)
        commands = [command_of(pid) for pid in (process.pid, *below)]
        paths = [Path(f"/proc/{pid}/environ") for pid in below]
        environments = [path.read_text(errors="replace") for path in paths if path.exists()]
        kept, leaked = leaks(place.folder / "scratch", *SECRETS)
        out, err = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 0, err
    workers = sum("ImplicitFunc" in command for command in commands)
    return Seen(commands, environments, workers, kept, leaked, store.authorizations, out, err)


def test_study_runs_to_its_end_and_tells_nobody_where_its_database_is(
    place: Place, cache: Path
) -> None:
    seen = watched(place)

    rows, reports = place.rows(), place.reports()
    assert [(row.number, row.state, row.epochs) for row in rows] == [
        (number, "complete", 6) for number in range(3)
    ]
    assert "[3/3]" in seen.err and "Best trials of life" in seen.out
    assert [r.weights for r in reports[1]] == again(rows[1], cache)
    assert seen.workers and len(seen.environments) >= seen.workers
    assert [t for t in seen.environments if any(secret in t for secret in SECRETS)] == []
    assert seen.kept > 0 and seen.leaked == []
    for folder in (Path(place.variables["RAY_TMPDIR"]), place.folder / "files"):
        assert leaks(folder, *SECRETS)[1] == []
    assert seen.authorizations == {"Basic bWU6MHBlbm1lIQ=="}
    place.run("export", "life", "-o", "life.jsonl")
    place.run("report", "life", "-o", "life.html")
    assert leaks(place.folder, "0penme")[1] == []
    assert "0penme" not in "".join([*seen.commands, seen.out, seen.err])
    with records.open_database(place.url) as database:
        found = reproduce(database, "life", 2, cache=cache / "autotrick")
    assert (found.identical, found.explained) == (True, False)

    status, _, err = place.run("resume", "life")

    assert status == 0, err
    assert place.rows() == rows


SIGNALS = ((signal.SIGINT, signal.SIGINT), (signal.SIGTERM,), (signal.SIGHUP,))
"""Ctrl-C twice, what `timeout` and a service manager send, and a terminal that is closed."""


def test_signals_end_a_study_in_order_and_resume_goes_on(place: Place, cache: Path) -> None:
    longer(place, 12)
    process = place.start(*SEARCH, "--trials", "3")
    for signs in SIGNALS:
        with case(*signs):
            place.wait_for_more_epochs(2, process)
            second = place.here("resume", "life")
            for sign in signs:
                # As a terminal does: to every process of the job.
                os.killpg(process.pid, sign)
            out, err = process.communicate(timeout=PATIENCE_S)

            stopped = place.rows()
            tries = [place.attempts(row.number) for row in stopped]
            assert second[0] == 1
            assert second[2].startswith("Error: study 'life' is being searched by ")
            assert second[2].count("\n") == 1
            assert process.returncode == 128 + signs[0]
            assert "Traceback" not in err
            assert "trials are left: autotrick resume life" in out
            assert {row.state for row in stopped} <= {"waiting", "complete"}
            assert ("stopped", "interrupted") in [each[-1] for each in tries if each]
            with records.open_database(place.url) as database:
                study = records.study(database, "life")
            assert (study.state, study.owner) == ("stopped", None)
            process = place.start("resume", "life")
    _, err = process.communicate(timeout=PATIENCE_S)

    assert process.returncode == 0, err
    check_whole(place, cache, trials=3, epochs=12)


def check_whole(place: Place, cache: Path, *, trials: int, epochs: int) -> None:
    """Fail if trials or epochs are missing, or an interrupted trial came out differently."""
    rows, reports = place.rows(), place.reports()
    assert [row.state for row in rows] == ["complete"] * trials
    curves = [[report.epoch for report in reports[row.number]] for row in rows]
    assert curves == [[*range(1, epochs + 1)]] * trials
    interrupted = [row for row in rows if row.attempts > 1]
    assert interrupted
    for row in interrupted:
        assert [report.weights for report in reports[row.number]] == again(row, cache)


def test_full_disk_stops_the_study_with_one_line(place: Place, cache: Path) -> None:
    (place.folder / "files").mkdir()

    status, _, err = place.run(
        *SEARCH, "--trials", "3", before=disk_at(place.folder / "files", "size=2500k")
    )

    rows = place.rows()
    last = err.splitlines()[-1]
    assert status == 1
    assert last.startswith("Error: no space left for a checkpoint of ")
    assert last.endswith("Nothing is lost: autotrick resume life")
    assert "Traceback" not in err
    assert rows and {row.state for row in rows} <= {"waiting", "complete"}
    # A trial whose worker had not begun yet waits without an attempt.
    last_states = [[state for state, *_ in place.attempts(row.number)][-1:] for row in rows]
    assert all(state in ([], ["stopped"], ["done"]) for state in last_states)
    assert any(last_states)

    status, _, err = place.run("resume", "life", "--storage", "elsewhere")

    assert status == 0, err
    assert [row.state for row in place.rows()] == ["complete"] * 3
    assert [r.weights for r in place.reports()[0]] == again(place.rows()[0], cache)


OUTAGE_S = 20
IMPATIENT = f"""
import autotrick.tune.session as session
session.OUTAGE_S = {OUTAGE_S}
from autotrick.__main__ import main
main()
"""
"""The command, which waits less long for a database that is gone."""


@pytest.mark.postgresql
def test_database_that_is_gone_is_waited_for_and_not_for_ever(
    make_place: Callable[[str], Place], postgresql: Any, cache: Path
) -> None:
    place = make_place(postgresql.new_database())
    longer(place, 12)
    said = place.folder / "said.txt"
    with said.open("w") as errors:
        process = place.start(
            *SEARCH, "--trials", "2", program=("-c", IMPATIENT), errors=errors.fileno()
        )
    place.wait_for_more_epochs(2, process)
    postgresql.kill()
    place.until(lambda: "Retrying for up to" in said.read_text(), process)
    postgresql.start()
    place.until(lambda: "the database is back after " in said.read_text(), process)
    place.wait_for_more_epochs(2, process)
    tries = [place.attempts(row.number) for row in place.rows()]

    postgresql.stop()
    try:
        process.communicate(timeout=PATIENCE_S)
    finally:
        postgresql.start()

    err = said.read_text()
    assert {tuple(each) for each in tries} <= {(("open", None),), (("done", None),)}
    assert process.returncode == 1
    assert "Traceback" not in err
    assert err.count(f"Retrying for up to {OUTAGE_S} s.") == 2
    assert err.count("the database is back after ") == 1
    assert err.splitlines()[-1].startswith("Error: the database ")

    status, _, err = place.run("resume", "life")

    assert status == 0, err
    check_whole(place, cache, trials=2, epochs=12)


def test_time_budget_stops_a_study_that_can_be_resumed(place: Place) -> None:
    status, out, err = place.run(*ONE_BY_ONE, "--trials", "40", "--time-budget", "6s")

    rows = place.rows()
    assert status == 0, err
    assert "trials are left: autotrick resume life" in out
    assert len(rows) < 40
    assert {row.state for row in rows} <= {"waiting", "complete"}
    begun = [row.number for row in rows if row.state == "waiting" and row.attempts]
    assert {place.attempts(number)[-1] for number in begun} <= {("stopped", "time budget")}
