"""A study uses two real Ray nodes, and goes on when one of them is killed."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parent / "two_nodes.py"
NAMESPACE = ("unshare", "--net", "--pid", "--fork", "--mount-proc")


def can_unshare() -> bool:
    """Return whether a namespace with a loopback interface of its own can be had."""
    if not shutil.which("unshare") or not shutil.which("ip"):
        return False
    probe = [*NAMESPACE, "ip", "link", "set", "lo", "up"]
    return subprocess.run(probe, capture_output=True, check=False).returncode == 0


@pytest.mark.slow
@pytest.mark.ray
def test_a_study_survives_the_loss_of_one_of_two_nodes() -> None:
    if not can_unshare():
        assert os.environ.get("CI") != "true", "CI must have namespaces (iproute2, root)"
        pytest.skip("no network namespace can be made here (iproute2 and root)")

    done = subprocess.run(
        [*NAMESPACE, sys.executable, str(SCRIPT)], capture_output=True, text=True, check=False
    )

    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["exit"] == 0, done.stderr
    assert (found["nodes_used"], found["complete"], found["open_attempts"]) == (2, 4, 0)
    assert found["lost_attempts"] >= 1
    assert found["epochs"] == [30, 30, 30, 30]
