"""Kill -9 the driver of one study, or its workers, at random moments; resume; count what is lost.

    python tests/chaos/kill_and_resume.py --trials 30 --driver-kills 10 --worker-kills 0

Prints one JSON object and exits with 1 if anything was lost, doubled or came out differently.
"""

import argparse
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
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
question = "Does the study survive?"

[data]
name = "digits"
image_size = 16
validation = 0.2

[fixed]
epochs = 9
architecture = "fastnet"

[architectures.fastnet]
width = 0.25

[search]
batch_size = [16, 32]
base_lr = { low = 0.03, high = 0.6, log = true }

[tricks.linear_warmup]
length = { low = 0.05, high = 0.25 }

[tricks.cosine_decay]

[tricks.mixup]
alpha = { low = 0.05, high = 1.0 }

[tricks.cutout]

[tricks.ema]

[tricks.label_smoothing]

[pruning]
first = 3
factor = 3
"""


@dataclass
class Study:
    """A study in a folder of its own, driven by subprocesses."""

    folder: Path
    trials: int
    chance: random.Random
    driver_kills: int = 0
    worker_kills: int = 0
    log: list[str] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"sqlite:///{self.folder / 'chaos.db'}"

    def drive(self) -> subprocess.Popen[bytes]:
        """Start `search`, or `resume` once the study is on record."""
        space = self.folder / "chaos.toml"
        space.write_text(SPACE)
        words = ["search", str(space), "--trials", str(self.trials)]
        if self.rows() is not None:
            words = ["resume", "chaos"]
        else:
            words += ["--storage", str(self.folder / "files"), "--concurrency", "2"]
        command = [sys.executable, "-m", "autotrick", *words, "--database", self.url]
        output = (self.folder / "output.txt").open("ab")
        return subprocess.Popen(command, stdout=output, stderr=output, cwd=self.folder)

    def rows(self) -> list[TrialRow] | None:
        """Return the trials on record; None while there is no study."""
        try:
            with records.open_database(self.url, create=False) as database:
                return records.trials(database, "chaos")
        except AutotrickError:
            return None

    def attempts(self) -> int:
        return sum(row.attempts for row in self.rows() or [])

    def epochs(self) -> int:
        return sum(row.epochs for row in self.rows() or [])


def wait_for(count: Callable[[], int], seen: int, process: subprocess.Popen[bytes]) -> None:
    """Wait until more is counted than was seen, or the process has ended."""
    while process.poll() is None and count() <= seen:
        time.sleep(0.1)


def kill_drivers(study: Study, kills: int) -> None:
    """Kill the driver so many times: mostly between epochs, also while it and its workers start."""
    while study.driver_kills < kills:
        attempts, epochs = study.attempts(), study.epochs()
        driver = study.drive()
        moment = study.chance.random()
        if moment < 0.7:
            wait_for(study.epochs, epochs + study.chance.randint(0, 8), driver)
            time.sleep(study.chance.uniform(0, 1))
        elif moment < 0.85:
            wait_for(study.attempts, attempts, driver)
            time.sleep(study.chance.uniform(0, 4))
        else:
            time.sleep(study.chance.uniform(0.5, 12))
        if driver.poll() is not None:
            raise SystemExit(f"the study ended before kill {study.driver_kills + 1}")
        driver.kill()
        driver.wait()
        study.driver_kills += 1
        study.log.append(f"driver killed at {study.attempts()} attempts, {study.epochs()} epochs")


def kill_workers(study: Study, kills: int) -> None:
    """Drive to the end, killing workers that train on the way."""
    driver = study.drive()
    while driver.poll() is None and study.worker_kills < kills:
        epochs = study.epochs()
        wait_for(study.epochs, epochs + 1, driver)
        time.sleep(study.chance.uniform(0, 2))
        workers = [pid for pid in descendants(driver.pid) if "ImplicitFunc" in command_of(pid)]
        if workers:
            os.kill(study.chance.choice(workers), signal.SIGKILL)
            study.worker_kills += 1
            study.log.append(f"worker killed at {study.epochs()} epochs")
    if driver.wait() != 0:
        raise SystemExit((study.folder / "output.txt").read_text()[-2000:])


def descendants(pid: int) -> list[int]:
    """Return the processes below a process."""
    parents: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal():
            try:
                after_name = (entry / "stat").read_text().rpartition(")")[2]
            except OSError:
                continue
            parents.setdefault(int(after_name.split()[1]), []).append(int(entry.name))
    found, queue = [], [pid]
    while queue:
        below = parents.get(queue.pop(), [])
        found += below
        queue += below
    return found


def command_of(pid: int) -> str:
    try:
        return (Path("/proc") / str(pid) / "cmdline").read_text()
    except OSError:
        return ""


def findings(study: Study) -> dict[str, Any]:
    """Return the counts that must be as asked, and those that must be 0."""
    with records.open_database(study.url, create=False) as database:
        rows = records.trials(database, "chaos")
        reports = records.reports(database, "chaos")
        tries = [a for row in rows for a in records.attempts(database, "chaos", row.number)]
    final = [row for row in rows if row.state in records.FINAL_STATES]
    interrupted = [row for row in rows if row.attempts > 1]
    return {
        "trials": study.trials,
        "driver_kills": study.driver_kills,
        "worker_kills": study.worker_kills,
        "final": len(final),
        "complete": sum(row.state == "complete" for row in rows),
        "pruned": sum(row.state == "pruned" for row in rows),
        "attempts": len(tries),
        "interrupted": len(interrupted),
        "epochs": sum(map(len, reports.values())),
        "not_final": len(rows) - len(final),
        "failed": sum(row.state == "failed" for row in rows),
        "too_many_or_few": abs(len(rows) - study.trials),
        "doubled_recipes": len(rows) - len({row.digest for row in rows}),
        "open_attempts": sum(attempt.state == "open" for attempt in tries),
        "epochs_missing_or_doubled": sum(broken(row, reports.get(row.number, [])) for row in rows),
        "weights_differ": sum(differs(row, reports[row.number]) for row in interrupted),
    }


def broken(row: TrialRow, reports: list[EpochReport]) -> bool:
    return [report.epoch for report in reports] != list(range(1, row.epochs + 1))


def differs(row: TrialRow, reports: list[EpochReport]) -> bool:
    """Train an interrupted trial without interruption and compare the weights of every epoch."""
    data = load(row.recipe.data)
    again = train(row.recipe, data, until=row.epochs)
    return [report.weights for report in again.reports] != [report.weights for report in reports]


MUST_BE_0 = (
    *("not_final", "failed", "too_many_or_few", "doubled_recipes", "open_attempts"),
    *("epochs_missing_or_doubled", "weights_differ"),
)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--trials", type=int, default=30)
    parser.add_argument("--driver-kills", type=int, default=10)
    parser.add_argument("--worker-kills", type=int, default=0)
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="autotrick-chaos-") as folder:
        study = Study(Path(folder), asked.trials, random.Random(asked.seed))
        kill_drivers(study, asked.driver_kills)
        kill_workers(study, asked.worker_kills)
        found = findings(study)
    for line in study.log:
        sys.stderr.write(line + "\n")
    sys.stdout.write(json.dumps(found) + "\n")
    return int(any(found[name] for name in MUST_BE_0))


if __name__ == "__main__":
    sys.exit(main())
