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
from tests.cases import case
from tests.chaos.processes import command_of, descendants, kill_tree
from tests.tune.places import ONE, PATIENCE_S, Place, again, longer

pytestmark = [pytest.mark.slow, pytest.mark.ray]


def test_worker_that_dies_or_hangs_is_replaced(place: Place, cache: Path) -> None:
    longer(place, 12)
    process = place.start(*ONE, "--hang-limit", "25s")
    place.wait_for_epochs(2, process)
    os.kill(worker_of(process.pid), signal.SIGKILL)
    place.wait_for_more_epochs(2, process)
    hanging = worker_of(process.pid)
    os.kill(hanging, signal.SIGSTOP)  # it neither reports nor dies
    out, err = process.communicate(timeout=PATIENCE_S)

    row = place.rows()[0]
    died, *hung, done = place.attempts(0)
    assert process.returncode == 0, err
    assert "its worker died; it goes on from its checkpoint" in err
    assert "its worker said nothing for 25 s; it goes on from its checkpoint" in err
    assert "Traceback" not in err and "raylet" not in out + err
    assert (died, done) == (("lost", "worker_lost"), ("done", None))
    assert {*hung} == {("lost", "hanging")}
    assert row.state == "complete"
    assert [r.weights for r in place.reports()[0]] == again(row, cache)
    assert not Path(f"/proc/{hanging}").exists()


def worker_of(driver: int) -> int:
    """Return the process that trains a driver's only trial."""
    (worker,) = (pid for pid in descendants(driver) if "ImplicitFunc" in command_of(pid))
    return worker


def test_driver_whose_study_was_taken_over_leaves_it_to_the_other(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    longer(place, 600)
    process = place.start(*ONE)
    place.wait_for_epochs(1, process)
    with records.open_database(place.url) as database:
        study = records.study(database, "life")
        # As another machine does, after a minute in which this one was asleep.
        monkeypatch.setattr(socket, "gethostname", lambda: "elsewhere")
        records.acquire_lease(database, study.id, "elsewhere:1:2", stale_after=0.0)
        records.open_attempt(database, place.rows()[0].id)
        _, err = process.communicate(timeout=PATIENCE_S)
        study = records.study(database, "life")

    assert (process.returncode, err.count("Traceback")) == (1, 0)
    assert "the study was taken over by elsewhere:1:2; this one stops." in err
    assert (study.state, study.owner) == ("open", "elsewhere:1:2")
    assert place.attempts(0)[-1] == ("open", None)


def test_checkpoint_that_is_gone_costs_no_more_than_its_epochs(place: Place, cache: Path) -> None:
    longer(place, 18)
    process, awaited = place.start(*ONE), ""
    for fault in ("lost", "broken", "all lost"):
        with case(fault):
            place.wait_for_more_epochs(3, process)
            kill_tree(process.pid)  # workers would write until they notice
            assert awaited in process.communicate()[1]
            awaited = spoil(place, fault)
            process = place.start("resume", "life")
    _, err = process.communicate(timeout=PATIENCE_S)

    row = place.rows()[0]
    assert process.returncode == 0, err
    assert awaited in err
    assert (row.state, row.epochs) == ("complete", 18)
    assert [r.weights for r in place.reports()[0]] == again(row, cache)


def spoil(place: Place, fault: str) -> str:
    """Lose or break checkpoints of trial 0; return what is said of that when it goes on."""
    known = place.rows()[0].epochs
    files = sorted((place.folder / "files").glob("*/trial-0/*.checkpoint"), key=_epoch)
    for path in files:
        if fault == "broken" and _epoch(path) >= known:
            path.write_bytes(path.read_bytes()[:-100] + bytes(100))
        elif fault == "all lost" or (fault == "lost" and _epoch(path) >= known):
            path.unlink()
    left = [0, *(_epoch(path) for path in files if path.exists() and _epoch(path) < known)]
    where = f"the checkpoint of epoch {max(left)}" if max(left) else "the beginning"
    return f"trial 0: the checkpoint of epoch {known} is lost or damaged; it goes on from {where}"


def _epoch(path: Path) -> int:
    return int(path.stem.rpartition("-")[2])


SLOW_DISK = """
import os, time

fsync = os.fsync

def slow(number):
    if ".partial-" in os.readlink(f"/proc/self/fd/{number}"):
        time.sleep(1)
    fsync(number)

os.fsync = slow
"""


def test_epoch_is_not_reported_before_its_checkpoint_is_safe(place: Place, cache: Path) -> None:
    # Every process there takes a second to bring a checkpoint to the disk.
    (place.folder / "sitecustomize.py").write_text(SLOW_DISK)
    place.variables["PYTHONPATH"] = f"{place.folder}:{os.environ.get('PYTHONPATH', '')}"
    process = place.start(*ONE)
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

    # As where a driver is killed after the worker's last checkpoint and before its message.
    (place.folder / "sitecustomize.py").unlink()
    with sqlite3.connect(place.url.removeprefix("sqlite:///")) as file:
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
