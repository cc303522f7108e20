"""The short form of the chaos script; the long one is run by hand and quoted in the README."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parent / "kill_and_resume.py"


@pytest.mark.slow
@pytest.mark.ray
def test_nothing_is_lost_when_driver_and_workers_are_killed() -> None:
    asked = ["--trials", "6", "--driver-kills", "2", "--worker-kills", "1", "--seed", "1"]

    done = subprocess.run(
        [sys.executable, str(SCRIPT), *asked], capture_output=True, text=True, check=False
    )

    assert done.returncode == 0, done.stdout + done.stderr
    found = json.loads(done.stdout)
    assert (found["final"], found["driver_kills"], found["worker_kills"]) == (6, 2, 1)
    assert found["interrupted"] > 0
