"""A folder where the command is run in processes of its own, and what a study there came to."""

import os
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from autotrick import records
from autotrick.data import load
from autotrick.errors import AutotrickError
from autotrick.recipe import EpochReport
from autotrick.records import TrialRow
from autotrick.train import train

SPACE = """
question = "Does a study get through?"

[data]
name = "digits"
image_size = 16
validation = 0.2

[fixed]
architecture = "fastnet"
epochs = 6
batch_size = 64

[architectures.fastnet]
width = 0.25

[search]
base_lr = { low = 0.1, high = 3.0, log = true }

[tricks.mixup]

[tricks.cosine_decay]

[pruning]
method = "none"
"""
PATIENCE_S = 300
"""A busy machine takes its time; nothing here measures it."""


@dataclass
class Place:
    """A folder with the space, where the command is run in processes of its own."""

    folder: Path
    url: str
    variables: dict[str, str]
    started: list[subprocess.Popen[str]] = field(default_factory=list)
    study: str = "life"

    def start(self, *words: str, before: tuple[str, ...] = ()) -> subprocess.Popen[str]:
        command = [*before, sys.executable, "-m", "autotrick", *words, "--database", self.url]
        process = subprocess.Popen(
            command,
            cwd=self.folder,
            env={**os.environ, **self.variables},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,  # signals go to all that a terminal would send them to
        )
        self.started.append(process)
        return process

    def run(self, *words: str, before: tuple[str, ...] = ()) -> tuple[int, str, str]:
        process = self.start(*words, before=before)
        out, err = process.communicate(timeout=PATIENCE_S)
        return process.returncode, out, err

    def rows(self) -> list[TrialRow]:
        try:
            with records.open_database(self.url, create=False) as database:
                return records.trials(database, self.study)
        except AutotrickError:
            return []

    def attempts(self, number: int) -> list[tuple[str, str | None]]:
        with records.open_database(self.url, create=False) as database:
            return [(a.state, a.reason) for a in records.attempts(database, self.study, number)]

    def reports(self) -> dict[int, list[EpochReport]]:
        with records.open_database(self.url, create=False) as database:
            return records.reports(database, self.study)

    def until(self, condition: Callable[[], Any], process: subprocess.Popen[str]) -> None:
        """Wait for something to happen while the process runs."""
        end = time.monotonic() + PATIENCE_S
        while not condition():
            assert process.poll() is None, process.communicate()
            assert time.monotonic() < end
            time.sleep(0.1)

    def wait_for_epochs(self, count: int, process: subprocess.Popen[str]) -> None:
        self.until(lambda: sum(row.epochs for row in self.rows()) >= count, process)


SEARCH = ("search", "life.toml", "--storage", "files", "--concurrency", "2")


def again(row: TrialRow, cache: Path) -> list[str]:
    """Train a recorded recipe here, without Ray, and return the weights of each epoch."""
    data = load(row.recipe.data, cache_dir=cache / "autotrick")
    return [report.weights for report in train(row.recipe, data, until=row.epochs).reports]
