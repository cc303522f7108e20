"""Processes of Ray's own that are really killed, while it starts and while a search is under way."""

import os
import signal
import time
from contextlib import suppress
from pathlib import Path

import pytest

from tests.chaos.processes import command_of, descendants
from tests.tune.places import PATIENCE_S, SEARCH, Place, again

pytestmark = [pytest.mark.slow, pytest.mark.ray]

ONE = (*SEARCH[:-1], "1", "--trials", "1")


def below(pid: int, program: str) -> list[int]:
    """Return the processes below another that run a program, or a script of that name."""
    return [
        found
        for found in descendants(pid)
        if any(word.endswith(f"/{program}") for word in command_of(found).split("\0")[:4])
        and (program == "raylet" or not command_of(found).split("\0")[0].endswith("/raylet"))
    ]


@pytest.mark.parametrize(
    ("program", "said"), [("raylet", "raylet"), ("gcs_server", "control server")]
)
def test_a_search_without_a_process_of_rays_ends_and_goes_on(
    place: Place, cache: Path, program: str, said: str
) -> None:
    space = place.folder / "life.toml"
    space.write_text(space.read_text().replace("epochs = 6", "epochs = 24"))
    process = place.start(*ONE)
    place.wait_for_epochs(2, process)

    (needed,) = below(process.pid, program)
    os.kill(needed, signal.SIGKILL)
    _, err = process.communicate(timeout=PATIENCE_S)

    assert process.returncode == 1, err
    assert err.count("Error: ") == 1 and "Traceback" not in err
    assert f"Ray's {said} on this machine has ended" in err
    assert err.rstrip().endswith("Nothing is lost: autotrick resume life")

    status, _, err = place.run("resume", "life")

    row = place.rows()[0]
    assert status == 0, err
    assert (row.state, row.epochs) == ("complete", 24)
    assert [r.weights for r in place.reports()[0]] == again(row, cache)


def test_workers_that_are_killed_while_ray_starts_cost_nothing(place: Place) -> None:
    process = place.start(*ONE)
    killed: set[int] = set()
    while len(killed) < 2:
        assert process.poll() is None, process.communicate()
        for worker in set(below(process.pid, "default_worker.py")) - killed:
            with suppress(ProcessLookupError):
                os.kill(worker, signal.SIGKILL)
                killed.add(worker)
        time.sleep(0.01)
    _, err = process.communicate(timeout=PATIENCE_S)

    assert process.returncode == 0, err
    assert [row.state for row in place.rows()] == ["complete"]
