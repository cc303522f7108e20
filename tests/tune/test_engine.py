"""Of every worker that dies the conductor hears once, whenever it dies, and may assign its work again."""

import json
import subprocess
import sys

import pytest

pytestmark = [pytest.mark.slow, pytest.mark.ray]


def test_work_of_a_dead_worker_is_assigned_again() -> None:
    command = [sys.executable, "-m", "tests.tune.losses"]

    done = subprocess.run(command, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout.splitlines()[-1]) == {
        "starting": ["0 lost", "1 started", "1 done", "0 started", "0 done"],
        # Ray gives a trial up whose reused worker dies, however many failures it may have.
        "reset": ["0 started", "0 done", "1 lost", "1 started", "1 done"],
    }
    assert done.stderr == ""
