"""Time queries on a study of 100,000 trials with up to 20 epochs each, on SQLite and PostgreSQL.

Each query runs as in the command, from the open database to the numbers to print. Processor time is
counted, including PostgreSQL's process, because other processes may use the machine. The result is
the fastest run, in a separate process with one thread.
"""

import json
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

from autotrick.analysis.combinations import ranked
from autotrick.analysis.effects import effects
from autotrick.cli.trial_pages import compared
from autotrick.records import Database, best, open_database, studies, study, trials, trick_sets
from benchmarks.children import python, say
from benchmarks.large import STUDY, write_large
from benchmarks.row import Row, alone
from benchmarks.servers import postgresql

TRIALS, QUICK_TRIALS = 100_000, 10_000
GOAL_MS = 200.0
RUNS, QUICK_RUNS = 9, 3


def run(quick: bool) -> list[Row]:
    """Return the time of each query on each database."""
    count, runs = (QUICK_TRIALS, QUICK_RUNS) if quick else (TRIALS, RUNS)
    with tempfile.TemporaryDirectory() as folder, postgresql() as server:
        places = {"SQLite": f"sqlite:///{Path(folder) / 'large.db'}"}
        if server:
            places["PostgreSQL"] = server
        return [
            replace(
                alone(f"queries: {question}, {count:,} trials, {name}", [ms], "ms", GOAL_MS),
                runs=runs,
            )
            for name, url in places.items()
            for question, ms in _answers(name, url, Path(folder), count, runs).items()
        ]


def _answers(name: str, url: str, folder: Path, count: int, runs: int) -> dict[str, float]:
    say(f"queries: write {count:,} trials to {name}")
    with open_database(url) as database:
        write_large(database, count)
    say(f"queries: ask {name}")
    done = python("-m", "benchmarks.queries", url, str(runs), folder=folder)
    found: dict[str, float] = json.loads(done.stdout)
    return found


def ask(url: str, runs: int) -> dict[str, float]:
    """Return the milliseconds of each query's fastest run."""
    with open_database(url, create=False) as database:
        clock = _clock(database)
        count = study(database, STUDY).trials
        return {
            name: 1000 * min(_times(question, clock, runs))
            for name, question in _questions(database, count).items()
        }


def _questions(database: Database, count: int) -> dict[str, Callable[[], object]]:
    middle = count // 2
    return {
        "best": partial(best, database, STUDY, limit=10),
        "tricks": partial(_tricks, database),
        "tricks --combinations": lambda: ranked(trick_sets(database, STUDY)),
        "a page of 100 trials": partial(trials, database, STUDY, after=middle, limit=100),
        "a page that no trial matches": partial(
            trials, database, STUDY, where="architecture = 'none' or batch_size = 1", limit=100
        ),
        "a page that no trial's settings match": partial(
            trials, database, STUDY, where="mixup.alpha > 9", limit=100
        ),
        "a page by a setting": partial(
            trials, database, STUDY, where="mixup.alpha > 0.3", after=middle, limit=100
        ),
        "best by a setting": partial(best, database, STUDY, where="mixup.alpha > 0.999"),
        "best without a trick": partial(best, database, STUDY, where="not mixup"),
        "studies": partial(studies, database),
    }


def _tricks(database: Database) -> object:
    rows, curves, _ = compared(database, STUDY, every=False)
    return effects(rows, curves)


def _clock(database: Database) -> Callable[[], float]:
    """Return a clock of the processor time used by this process and the server."""
    if database.dialect == "sqlite":
        return time.process_time
    with database.reading() as connection:
        server = connection.exec_driver_sql("SELECT pg_backend_pid()").scalar()
    spent = Path(f"/proc/{server}/schedstat")
    return lambda: time.process_time() + int(spent.read_text().split()[0]) / 1e9


def _times(ask: Callable[[], object], clock: Callable[[], float], runs: int) -> list[float]:
    found = []
    for _ in range(runs):
        begun = clock()
        ask()
        found.append(clock() - begun)
    return found


if __name__ == "__main__":
    print(json.dumps(ask(sys.argv[1], int(sys.argv[2]))))
