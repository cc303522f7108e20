"""Faults that are really caused, one at a time, to studies from the command line."""

import os
import signal
import socket
import sqlite3
import time
from pathlib import Path

import pytest

from autotrick import records
from autotrick.checkpoint_names import SUFFIX
from autotrick.train import checkpoint
from tests.chaos.processes import command_of, descendants, kill_tree
from tests.tune.places import PATIENCE_S, SEARCH, Place, again

pytestmark = [pytest.mark.slow, pytest.mark.ray]


def test_worker_that_hangs_is_replaced(place: Place, cache: Path) -> None:
    process = place.start(*SEARCH[:-1], "1", "--trials", "1", "--hang-limit", "50s")
    place.wait_for_epochs(2, process)
    workers = [pid for pid in descendants(process.pid) if "ImplicitFunc" in command_of(pid)]
    os.kill(workers[0], signal.SIGSTOP)  # it neither reports nor dies
    _, err = process.communicate(timeout=PATIENCE_S)

    row = place.rows()[0]
    assert process.returncode == 0, err
    assert "its worker said nothing for 50 s; it goes on from its checkpoint" in err
    assert place.attempts(0) == [("lost", "hanging"), ("done", None)]
    assert row.state == "complete"
    assert [r.weights for r in place.reports()[0]] == again(row, cache)
    assert not Path(f"/proc/{workers[0]}").exists()


def test_last_checkpoint_is_on_record_whenever_the_driver_was_killed(place: Place) -> None:
    status, _, err = place.run(*SEARCH[:-1], "1", "--trials", "1")
    assert status == 0, err
    with sqlite3.connect(place.url.removeprefix("sqlite:///")) as file:
        # As where a driver is killed after the worker's last checkpoint and before its message.
        file.execute("DELETE FROM autotrick_reports WHERE epoch = 6")
        file.execute("DELETE FROM autotrick_checkpoints")
        file.execute("UPDATE autotrick_trials SET state = 'waiting', finished = NULL, epochs = 5")

    status, _, err = place.run("resume", "life")

    assert status == 0, err
    with records.open_database(place.url) as database:
        (kept,) = records.checkpoints(database, "life")[0]
    assert (kept.epoch, place.rows()[0].state, place.rows()[0].epochs) == (6, "complete", 6)
    assert checkpoint.checksum(Path(kept.path)) == kept.checksum
    assert Path(kept.path).stat().st_size == kept.bytes


def test_driver_whose_study_was_taken_over_leaves_it_to_the_other(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    space = place.folder / "life.toml"
    space.write_text(space.read_text().replace("epochs = 6", "epochs = 600"))
    process = place.start(*SEARCH[:-1], "1", "--trials", "1")
    place.wait_for_epochs(1, process)
    with records.open_database(place.url) as database:
        study = records.study(database, "life")
        # As another machine does, after a minute in which this one was asleep.
        monkeypatch.setattr(socket, "gethostname", lambda: "elsewhere")
        records.claim_study(database, study.id, "elsewhere:1:2", stale_after=0.0)
        records.open_attempt(database, place.rows()[0].id)
        _, err = process.communicate(timeout=PATIENCE_S)
        study = records.study(database, "life")

    assert (process.returncode, err.count("Traceback")) == (1, 0)
    assert "the study was taken over by elsewhere:1:2; this one stops." in err
    assert (study.state, study.owner) == ("open", "elsewhere:1:2")
    assert place.attempts(0)[-1] == ("open", None)


@pytest.mark.parametrize("fault", ["lost", "broken", "all lost"])
def test_checkpoint_that_is_gone_costs_no_more_than_its_epochs(
    place: Place, cache: Path, fault: str
) -> None:
    process = place.start(*SEARCH[:-1], "1", "--trials", "1")
    place.wait_for_epochs(3, process)
    kill_tree(process.pid)  # workers would write until they notice
    process.communicate()
    known = place.rows()[0].epochs
    files = sorted((place.folder / "files").glob("*/trial-0/*.checkpoint"), key=_epoch)
    for path in files:
        if fault == "broken" and _epoch(path) >= known:
            path.write_bytes(path.read_bytes()[:-100] + bytes(100))
        elif fault == "all lost" or (fault == "lost" and _epoch(path) >= known):
            path.unlink()
    left = [0, *(_epoch(path) for path in files if path.exists() and _epoch(path) < known)]

    status, _, err = place.run("resume", "life")

    row = place.rows()[0]
    where = f"the checkpoint of epoch {max(left)}" if max(left) else "the beginning"
    said = f"trial 0: the checkpoint of epoch {known} is lost or damaged; it goes on from {where}"
    assert status == 0, err
    assert said in err
    assert (row.state, row.epochs) == ("complete", 6)
    assert [r.weights for r in place.reports()[0]] == again(row, cache)


def _epoch(path: Path) -> int:
    return int(path.stem.rpartition("-")[2])


SLOW_DISK = """
import os, time

fsync = os.fsync

def slow(number):
    if ".partial-" in os.readlink(f"/proc/self/fd/{number}"):
        time.sleep(2)
    fsync(number)

os.fsync = slow
"""


def test_epoch_is_not_reported_before_its_checkpoint_is_safe(place: Place, cache: Path) -> None:
    # Every process there takes two seconds to bring a checkpoint to the disk.
    (place.folder / "sitecustomize.py").write_text(SLOW_DISK)
    place.variables["PYTHONPATH"] = f"{place.folder}:{os.environ.get('PYTHONPATH', '')}"
    process = place.start(*SEARCH[:-1], "1", "--trials", "1")
    unsafe, seen = [], set()
    while process.poll() is None:
        for row in place.rows():
            files = (place.folder / "files").glob(f"*/trial-0/*{SUFFIX}")
            safe = max(map(_epoch, files), default=0)
            if row.epochs and row.state == "running":
                seen.add(row.epochs)
                if safe < row.epochs:
                    unsafe.append(row.epochs)
        time.sleep(0.05)
    _, err = process.communicate()

    row = place.rows()[0]
    assert process.returncode == 0, err
    assert len(seen) > 2
    assert unsafe == []
    assert [r.weights for r in place.reports()[0]] == again(row, cache)
