"""The short form of the chaos script; the long one is run by hand and quoted in the README."""

import json
import os
import subprocess
import sys

import pytest

from tests.chaos.killing import KILLERS
from tests.cluster.conftest import can_unshare
from tests.postgres import binaries


@pytest.mark.slow
@pytest.mark.ray
@pytest.mark.postgresql
def test_nothing_is_lost_whatever_is_killed() -> None:
    if not can_unshare() or binaries() is None:
        assert os.environ.get("CI") != "true", (
            "CI must have namespaces (iproute2, root), PostgreSQL"
        )
        pytest.skip("no network namespace (iproute2 and root) or no PostgreSQL here")
    asked = ["--studies", "2", "--kills", "8", "--trials", "8", "--seed", "1"]
    asked += ["--stop", "3"]

    done = subprocess.run(
        [sys.executable, "-m", "tests.chaos.kill_and_resume", *asked],
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stdout + done.stderr
    found = json.loads(done.stdout)
    assert set(found["killed"]) == set(KILLERS)
    assert found["kills"] >= 8
    assert found["trials"] == 8 * found["studies"]
    assert found["trials_interrupted"] > 0
