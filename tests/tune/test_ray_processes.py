"""Processes of Ray's own that are really killed, while it starts and while a search is under way."""

import os
import signal
import subprocess
import time
from contextlib import suppress
from pathlib import Path

import pytest

from tests.cases import case
from tests.chaos.processes import command_of, descendants
from tests.tune.places import ONE, PATIENCE_S, Place, again, longer

pytestmark = [pytest.mark.slow, pytest.mark.ray]


def below(pid: int, program: str) -> list[int]:
    """Return the processes below another that run a program, or a script of that name."""
    return [
        found
        for found in descendants(pid)
        if any(word.endswith(f"/{program}") for word in command_of(found).split("\0")[:4])
        and (program == "raylet" or not command_of(found).split("\0")[0].endswith("/raylet"))
    ]


def test_a_search_outlives_early_workers_and_goes_on_after_a_process_of_rays_has_ended(
    place: Place, cache: Path
) -> None:
    longer(place, 24)
    process = place.start(*ONE)
    kill_two_workers_that_start(process)
    for program, said in (("raylet", "raylet"), ("gcs_server", "control server")):
        with case(program):
            place.wait_for_more_epochs(2, process)

            (needed,) = below(process.pid, program)
            os.kill(needed, signal.SIGKILL)
            _, err = process.communicate(timeout=PATIENCE_S)

            assert process.returncode == 1, err
            assert err.count("Error: ") == 1 and "Traceback" not in err
            assert f"Ray's {said} on this machine has ended" in err
            assert err.rstrip().endswith("Nothing is lost: autotrick resume life")
            process = place.start("resume", "life")
    _, err = process.communicate(timeout=PATIENCE_S)

    (row,) = place.rows()
    assert process.returncode == 0, err
    assert (row.state, row.epochs) == ("complete", 24)
    assert [r.weights for r in place.reports()[0]] == again(row, cache)


def kill_two_workers_that_start(process: subprocess.Popen[str]) -> None:
    killed: set[int] = set()
    while len(killed) < 2:
        assert process.poll() is None, process.communicate()
        for worker in set(below(process.pid, "default_worker.py")) - killed:
            with suppress(ProcessLookupError):
                os.kill(worker, signal.SIGKILL)
                killed.add(worker)
        time.sleep(0.01)
