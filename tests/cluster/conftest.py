"""Real clusters, each in network and process namespaces of its own."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

NAMESPACE = ("unshare", "--net", "--pid", "--fork", "--mount-proc")


def can_unshare() -> bool:
    """Return whether a namespace with a loopback interface of its own can be had."""
    if not shutil.which("unshare") or not shutil.which("ip"):
        return False
    probe = [*NAMESPACE, "ip", "link", "set", "lo", "up"]
    return subprocess.run(probe, capture_output=True, check=False).returncode == 0


@pytest.fixture
def apart() -> Callable[[str], Any]:
    """Return a function that runs a script of this folder apart, and reads the JSON it prints."""
    if not can_unshare():
        assert os.environ.get("CI") != "true", "CI must have namespaces (iproute2, root)"
        pytest.skip("no network namespace can be made here (iproute2 and root)")

    def run(script: str) -> Any:
        command = [*NAMESPACE, sys.executable, str(Path(__file__).parent / script)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout) | {"stderr": done.stderr}

    return run
