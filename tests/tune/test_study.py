"""Whole studies under Ray, from the command line, with what happens to them in real life."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from autotrick import records
from autotrick.data import load
from autotrick.errors import AutotrickError
from autotrick.recipe import EpochReport
from autotrick.records import TrialRow
from autotrick.reproduce import reproduce
from autotrick.train import train
from tests.chaos.kill_and_resume import command_of, descendants

pytestmark = [pytest.mark.slow, pytest.mark.ray]

SPACE = """
question = "Does a study get through?"

[data]
name = "digits"
image_size = 16
validation = 0.2

[fixed]
architecture = "fastnet"
epochs = 6
batch_size = 64

[architectures.fastnet]
width = 0.25

[search]
base_lr = { low = 0.1, high = 3.0, log = true }

[tricks.mixup]

[tricks.cosine_decay]

[pruning]
method = "none"
"""
PATIENCE_S = 300
"""A busy machine takes its time; nothing here measures it."""


@dataclass
class Place:
    """A folder with the space, where the command is run in processes of its own."""

    folder: Path
    url: str
    variables: dict[str, str]
    started: list[subprocess.Popen[str]] = field(default_factory=list)

    def start(self, *words: str, before: tuple[str, ...] = ()) -> subprocess.Popen[str]:
        command = [*before, sys.executable, "-m", "autotrick", *words, "--database", self.url]
        process = subprocess.Popen(
            command,
            cwd=self.folder,
            env={**os.environ, **self.variables},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,  # signals go to all that a terminal would send them to
        )
        self.started.append(process)
        return process

    def run(self, *words: str, before: tuple[str, ...] = ()) -> tuple[int, str, str]:
        process = self.start(*words, before=before)
        out, err = process.communicate(timeout=PATIENCE_S)
        return process.returncode, out, err

    def rows(self) -> list[TrialRow]:
        try:
            with records.open_database(self.url, create=False) as database:
                return records.trials(database, "life")
        except AutotrickError:
            return []

    def attempts(self, number: int) -> list[tuple[str, str | None]]:
        with records.open_database(self.url, create=False) as database:
            return [(a.state, a.reason) for a in records.attempts(database, "life", number)]

    def reports(self) -> dict[int, list[EpochReport]]:
        with records.open_database(self.url, create=False) as database:
            return records.reports(database, "life")

    def until(self, condition: Callable[[], Any], process: subprocess.Popen[str]) -> None:
        """Wait for something to happen while the process runs."""
        end = time.monotonic() + PATIENCE_S
        while not condition():
            assert process.poll() is None, process.communicate()
            assert time.monotonic() < end
            time.sleep(0.1)

    def wait_for_epochs(self, count: int, process: subprocess.Popen[str]) -> None:
        self.until(lambda: sum(row.epochs for row in self.rows()) >= count, process)


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cache")


@pytest.fixture
def make_place(tmp_path: Path, cache: Path) -> Iterator[Callable[[str], Place]]:
    """Return a function that makes a place; ends at the end all that was started there."""
    sessions = tempfile.mkdtemp(prefix="at-", dir="/tmp")  # Ray's sockets need short paths
    scratch = tmp_path / "scratch"  # Ray's storage, while a study runs
    scratch.mkdir()
    made: list[Place] = []

    def make(url: str) -> Place:
        (tmp_path / "life.toml").write_text(SPACE)
        variables = {
            "XDG_CACHE_HOME": str(cache),
            "RAY_TMPDIR": sessions,
            "TMPDIR": str(scratch),
            "RAY_ADDRESS": "127.0.0.1:1",  # of no concern to a search that names no cluster
            "AUTOTRICK_DATABASE": "postgresql://me:v3rysecret@elsewhere/results",
            "OMP_NUM_THREADS": "1",
        }
        made.append(Place(tmp_path, url, variables))
        return made[-1]

    yield make
    for process in (process for place in made for process in place.started):
        if process.poll() is None:
            process.kill()
        process.communicate()
    shutil.rmtree(sessions, ignore_errors=True)


@pytest.fixture
def place(make_place: Callable[[str], Place], tmp_path: Path) -> Place:
    return make_place(f"sqlite:///{tmp_path}/r3markable.db")


SEARCH = ("search", "life.toml", "--storage", "files", "--concurrency", "2")


def again(row: TrialRow, cache: Path) -> list[str]:
    """Train a recorded recipe here, without Ray, and return the weights of each epoch."""
    data = load(row.recipe.data, cache_dir=cache / "autotrick")
    return [report.weights for report in train(row.recipe, data, until=row.epochs).reports]


def leaks(folder: Path, *secrets: str) -> tuple[int, list[Path]]:
    """Return how many files a folder has, and those in which one of the secrets is."""
    contents = {}
    for path in folder.rglob("*"):
        with suppress(OSError):  # a folder, a socket, or gone by now
            contents[path] = path.read_bytes()
    found = [p for p, text in contents.items() if any(s.encode() in text for s in secrets)]
    return len(contents), found


def test_study_runs_to_its_end_and_tells_nobody_where_its_database_is(
    place: Place, cache: Path
) -> None:
    process = place.start(*SEARCH, "--trials", "3", "--cpus-per-trial", "0.5")
    place.wait_for_epochs(1, process)
    below = descendants(process.pid)
    environments = [Path(f"/proc/{pid}/environ") for pid in below]
    workers = [pid for pid in below if "ImplicitFunc" in command_of(pid)]
    seen = [path.read_text(errors="replace") for path in environments if path.exists()]
    kept, leaked = leaks(place.folder / "scratch", "v3rysecret", "r3markable")
    out, err = process.communicate(timeout=PATIENCE_S)

    rows, reports = place.rows(), place.reports()
    assert process.returncode == 0, err
    assert [(row.number, row.state, row.epochs) for row in rows] == [
        (number, "complete", 6) for number in range(3)
    ]
    assert "[3/3]" in err and "Best trials of life" in out
    assert [r.weights for r in reports[1]] == again(rows[1], cache)
    assert workers and len(seen) >= len(workers)
    assert [text for text in seen if "v3rysecret" in text or "r3markable" in text] == []
    assert kept > 0 and leaked == []
    for folder in (Path(place.variables["RAY_TMPDIR"]), place.folder / "files"):
        assert leaks(folder, "v3rysecret", "r3markable")[1] == []
    with records.open_database(place.url) as database:
        found = reproduce(database, "life", 2, cache=cache / "autotrick")
    assert (found.identical, found.explained) == (True, False)

    status, _, err = place.run("resume", "life")

    assert status == 0, err
    assert place.rows() == rows


@pytest.mark.parametrize("sign", [signal.SIGINT, signal.SIGTERM], ids=["ctrl-c", "terminate"])
def test_signal_ends_a_study_in_order_and_resume_finishes_it(
    place: Place, cache: Path, sign: signal.Signals
) -> None:
    process = place.start(*SEARCH, "--trials", "3")
    place.wait_for_epochs(2, process)
    second = place.run("resume", "life")
    if sign == signal.SIGINT:
        os.killpg(process.pid, sign)  # as a terminal does: to every process of the job
    else:
        process.send_signal(sign)
    out, err = process.communicate(timeout=60)

    stopped = place.rows()
    tries = [place.attempts(row.number) for row in stopped]
    assert second[0] == 1
    assert second[2].startswith("Error: study 'life' is being searched by ")
    assert second[2].count("\n") == 1
    assert "Traceback" not in err
    assert "trials are left: autotrick resume life" in out
    assert {row.state for row in stopped} <= {"waiting", "complete"}
    assert ("stopped", "interrupted") in [each[-1] for each in tries if each]
    with records.open_database(place.url) as database:
        study = records.study(database, "life")
    assert (study.state, study.owner) == ("stopped", None)

    status, _, err = place.run("resume", "life")

    rows, reports = place.rows(), place.reports()
    assert status == 0, err
    assert [row.state for row in rows] == ["complete"] * 3
    assert [[r.epoch for r in reports[row.number]] for row in rows] == [[1, 2, 3, 4, 5, 6]] * 3
    for row in rows:
        if row.attempts > 1:
            assert [r.weights for r in reports[row.number]] == again(row, cache)


def test_killed_worker_is_replaced_and_its_trial_goes_on(place: Place, cache: Path) -> None:
    process = place.start(*SEARCH[:-1], "1", "--trials", "1")
    place.wait_for_epochs(2, process)
    workers = [pid for pid in descendants(process.pid) if "ImplicitFunc" in command_of(pid)]
    assert len(workers) == 1
    os.kill(workers[0], signal.SIGKILL)
    _, err = process.communicate(timeout=PATIENCE_S)

    row = place.rows()[0]
    assert process.returncode == 0, err
    assert "its worker died; it goes on from its checkpoint" in err
    assert (row.state, row.attempts) == ("complete", 2)
    assert place.attempts(0) == [("lost", "worker_lost"), ("done", None)]
    assert [r.weights for r in place.reports()[0]] == again(row, cache)


def small_disk(folder: Path) -> tuple[str, ...]:
    """Return the words before a command that give it a disk of its own with 2.5 MB at `folder`."""
    as_root = () if os.geteuid() == 0 else ("--user", "--map-root-user")
    mount = f'mount -t tmpfs -o size=2500k none {folder} && exec "$@"'
    words = ("unshare", "--mount", *as_root, "sh", "-c", mount, "sh")
    if shutil.which("unshare") is None or subprocess.run([*words, "true"], check=False).returncode:
        pytest.skip("no disk of its own can be given to a process here")
    return words


def test_full_disk_stops_the_study_with_one_line(place: Place, cache: Path) -> None:
    (place.folder / "files").mkdir()

    status, _, err = place.run(*SEARCH, "--trials", "3", before=small_disk(place.folder / "files"))

    rows = place.rows()
    last = err.splitlines()[-1]
    assert status == 1
    assert last.startswith("Error: no space left for a checkpoint of ")
    assert last.endswith("Nothing is lost: autotrick resume life")
    assert "Traceback" not in err
    assert rows and {row.state for row in rows} <= {"waiting", "complete"}
    assert all(place.attempts(row.number)[-1][0] in ("stopped", "done") for row in rows)

    status, _, err = place.run("resume", "life", "--storage", "elsewhere")

    assert status == 0, err
    assert [row.state for row in place.rows()] == ["complete"] * 3
    assert [r.weights for r in place.reports()[0]] == again(place.rows()[0], cache)


@pytest.mark.postgresql
def test_database_that_is_killed_and_comes_back_is_waited_for(
    make_place: Callable[[str], Place], postgresql: Any, cache: Path
) -> None:
    place = make_place(postgresql.new_database())
    process = place.start(*SEARCH, "--trials", "3")
    place.wait_for_epochs(2, process)
    postgresql.kill()
    time.sleep(5)
    postgresql.start()
    _, err = process.communicate(timeout=PATIENCE_S)

    rows, reports = place.rows(), place.reports()
    assert process.returncode == 0, err
    assert err.count("It is asked again for up to 60 s.") == 1
    assert err.count("the database is back after ") == 1
    assert [row.state for row in rows] == ["complete"] * 3
    assert [[r.epoch for r in reports[row.number]] for row in rows] == [[1, 2, 3, 4, 5, 6]] * 3
    assert [place.attempts(row.number) for row in rows] == [[("done", None)]] * 3
    assert [r.weights for r in reports[0]] == again(rows[0], cache)


@pytest.mark.postgresql
def test_database_that_stays_away_stops_the_study_with_one_line(
    make_place: Callable[[str], Place], postgresql: Any, cache: Path
) -> None:
    place = make_place(postgresql.new_database())
    process = place.start(*SEARCH, "--trials", "3")
    place.wait_for_epochs(2, process)
    postgresql.stop()
    try:
        _, err = process.communicate(timeout=PATIENCE_S)
    finally:
        postgresql.start()

    assert process.returncode == 1
    assert "Traceback" not in err
    assert err.splitlines()[-1].startswith("Error: the database ")

    status, _, err = place.run("resume", "life")

    rows, reports = place.rows(), place.reports()
    assert status == 0, err
    assert [row.state for row in rows] == ["complete"] * 3
    assert [[r.epoch for r in reports[row.number]] for row in rows] == [[1, 2, 3, 4, 5, 6]] * 3
    assert [r.weights for r in reports[0]] == again(rows[0], cache)


def test_time_budget_stops_a_study_that_can_be_resumed(place: Place) -> None:
    status, out, err = place.run(*SEARCH, "--trials", "40", "--time-budget", "15s")

    rows = place.rows()
    assert status == 0, err
    assert "trials are left: autotrick resume life" in out
    assert len(rows) < 40
    assert {row.state for row in rows} <= {"waiting", "complete"}
    begun = [row.number for row in rows if row.state == "waiting" and row.attempts]
    assert {place.attempts(number)[-1] for number in begun} <= {("stopped", "time budget")}
