"""A screen that is killed anywhere has the rows of one that never was."""

import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from autotrick import records
from autotrick.errors import AutotrickError
from tests.chaos.processes import kill_tree

SPACE = """
question = "Does the screen survive?"

[data]
name = "digits"
image_size = 16
validation = 0.2

[fixed]
epochs = 2
architecture = "fastnet"

[architectures.fastnet]
width = 0.125

[search]
batch_size = [32, 64]
base_lr = { low = 0.03, high = 0.6, log = true }

[tricks.linear_warmup]
length = { low = 0.05, high = 0.25 }

[tricks.cosine_decay]

[tricks.mixup]
alpha = { low = 0.05, high = 1.0 }

[tricks.cutout]

[tricks.ema]

[tricks.label_smoothing]

[study]
trials = 29
precision = 0.01
"""
PATIENCE_S = 300.0
KILLS = 5

pytestmark = [pytest.mark.slow, pytest.mark.ray]


class Screened:
    """A folder in which a screen runs and is killed."""

    def __init__(self, folder: Path, sessions: str) -> None:
        self._folder = folder
        self._url = f"sqlite:///{folder}/screen.db"
        self._variables = {**os.environ, "RAY_TMPDIR": sessions, "OMP_NUM_THREADS": "1"}
        folder.mkdir()
        (folder / "screen.toml").write_text(SPACE)

    def start(self, *words: str) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "autotrick", *words, "--database", self._url]
        return subprocess.Popen(
            command, cwd=self._folder, env=self._variables, stderr=subprocess.DEVNULL
        )

    def epochs(self) -> int:
        try:
            with records.open_database(self._url, create=False) as database:
                return sum(row.epochs for row in records.trials(database, "screen"))
        except AutotrickError:
            return 0

    def facts(self) -> list[dict[str, Any]]:
        """Return all that does not depend on when and where a trial ran."""
        names = ("number", "recipe", "origin", "phase", "design", "state", "value", "weights")
        with records.open_database(self._url, create=False) as database:
            rows = records.trials(database, "screen")
            assert records.study(database, "screen").state == "complete"
        return [{name: getattr(row, name) for name in names} for row in rows]


@pytest.fixture
def sessions() -> Iterator[str]:
    with tempfile.TemporaryDirectory(prefix="at-", dir="/tmp") as folder:  # sockets: short paths
        yield folder


def test_a_screen_that_is_killed_has_the_rows_of_one_that_was_not(
    tmp_path: Path, sessions: str
) -> None:
    whole, killed = (Screened(tmp_path / name, sessions) for name in ("whole", "killed"))
    assert whole.start("screen", "screen.toml").wait(PATIENCE_S) == 0
    chance, kills = random.Random(5), 0

    driver = killed.start("screen", "screen.toml")
    while kills < KILLS:
        seen, moment = killed.epochs(), chance.randint(1, 10)
        end = time.monotonic() + PATIENCE_S
        while driver.poll() is None and killed.epochs() < seen + moment:
            assert time.monotonic() < end
            time.sleep(0.05)
        if driver.poll() is not None:
            break
        time.sleep(chance.uniform(0, 0.3))
        kill_tree(driver.pid)
        driver.wait()
        kills += 1
        driver = killed.start("resume", "screen")

    assert driver.wait(PATIENCE_S) == 0 and kills >= KILLS // 2
    rows = killed.facts()
    assert rows == whole.facts()
    assert [row["phase"] for row in rows] == ["base"] * 4 + ["screen"] * 24
