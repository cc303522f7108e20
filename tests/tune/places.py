"""A folder where the command runs, in processes of its own or in this one, and what a study came to."""

import os
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import chdir
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from click.testing import CliRunner

from autotrick import records
from autotrick.cli import main
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

    def start(
        self,
        *words: str,
        before: tuple[str, ...] = (),
        program: tuple[str, ...] = ("-m", "autotrick"),
        errors: int = subprocess.PIPE,
    ) -> subprocess.Popen[str]:
        """Run the command in a process of its own.

        Args:
            before: Words in front of the command, such as `nohup`.
            program: What Python runs.
            errors: A file that takes what the process writes to stderr.
        """
        command = [*before, sys.executable, *program, *words, "--database", self.url]
        process = subprocess.Popen(
            command,
            cwd=self.folder,
            env={**os.environ, **self.variables},
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
            start_new_session=True,  # signals go to all that a terminal would send them to
        )
        self.started.append(process)
        return process

    def run(self, *words: str, before: tuple[str, ...] = ()) -> tuple[int, str, str]:
        process = self.start(*words, before=before)
        out, err = process.communicate(timeout=PATIENCE_S)
        return process.returncode, out, err

    def here(self, *words: str) -> tuple[int, str, str]:
        """Run the command in this process, on the cluster that it may have: `ray_here`."""
        with chdir(self.folder):
            done = CliRunner().invoke(main, [*words, "--database", self.url])
        if done.exception and not isinstance(done.exception, SystemExit):
            raise done.exception
        return done.exit_code, done.stdout, done.stderr

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

    def epochs(self) -> int:
        return sum(row.epochs for row in self.rows())

    def wait_for_epochs(self, count: int, process: subprocess.Popen[str]) -> None:
        self.until(lambda: self.epochs() >= count, process)

    def wait_for_more_epochs(self, count: int, process: subprocess.Popen[str]) -> None:
        """Wait until there are so many beyond those on record when this is called."""
        self.wait_for_epochs(self.epochs() + count, process)


SEARCH = ("search", "life.toml", "--storage", "files", "--concurrency", "2")
ONE_BY_ONE = (*SEARCH[:-1], "1")
"""A worker takes seconds of a processor to start: where trials need no company, one does all."""
ONE = (*ONE_BY_ONE, "--trials", "1")


def longer(place: Place, epochs: int) -> None:
    """Give a place's trials more epochs, for what is done to them on the way."""
    space = place.folder / "life.toml"
    space.write_text(space.read_text().replace("epochs = 6", f"epochs = {epochs}"))


def again(row: TrialRow, cache: Path) -> list[str]:
    """Train a recorded recipe here, without Ray, and return the weights of each epoch."""
    data = load(row.recipe.data, cache_dir=cache / "autotrick")
    return [report.weights for report in train(row.recipe, data, until=row.epochs).reports]
