"""Measure the time to the first training step of a search and of reading commands."""

import re
import sqlite3
import tempfile
import time
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.children import ROOT, python, say
from benchmarks.histories import STUDY, write_ours
from benchmarks.row import Row, alone

TRIALS = 100
"Number of trials in the study that the reading commands use."

READING_GOAL_S = 1.0
COMMANDS = (("--help",), ("studies",), ("best", STUDY), ("tricks", STUDY))
_IMPORT = re.compile(r"\|\s+(torch|ray)$", re.MULTILINE)
_SEARCH = ("-m", "autotrick", "search", str(ROOT / "search_spaces" / "quickstart.toml"))


def run(quick: bool) -> list[Row]:
    """Return the seconds to the first attempt, step and report, and those of reading commands."""
    return [*_first_step(1 if quick else 3), *_reading(3 if quick else 5)]


def _first_step(runs: int) -> list[Row]:
    found = []
    for i in range(runs):
        say(f"startup: first training step, run {i + 1} of {runs}")
        with tempfile.TemporaryDirectory() as scratch:
            found.append(_search(Path(scratch)))
    names = ("attempt", "training step", "epoch report")
    return [
        alone(f"startup: from `autotrick search` to the first {name}", seconds, "s")
        for name, seconds in zip(names, zip(*found, strict=True), strict=True)
    ]


def _search(folder: Path) -> tuple[float, float, float]:
    """Search with an empty data cache; return the seconds from the command to each first event."""
    start = datetime.now(UTC).replace(tzinfo=None)
    python(
        *_SEARCH,
        "--trials",
        "1",
        folder=folder,
        environment={
            "XDG_CACHE_HOME": str(folder),
            "AUTOTRICK_DATABASE": f"sqlite:///{folder}/autotrick.db",
        },
    )
    with closing(sqlite3.connect(folder / "autotrick.db")) as connection:
        (begun,) = connection.execute("SELECT min(started) FROM autotrick_attempts").fetchone()
        reported, lasted = connection.execute(
            "SELECT created, seconds FROM autotrick_reports ORDER BY created LIMIT 1"
        ).fetchone()
    attempt, report = (
        (datetime.fromisoformat(moment) - start).total_seconds() for moment in (begun, reported)
    )
    # The report is recorded at the end of its epoch, which begins with the first step.
    return attempt, report - lasted, report


def _reading(runs: int) -> list[Row]:
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        write_ours(folder / "autotrick.db", TRIALS)
        say(f"startup: reading commands on {TRIALS} trials")
        return [_command(words, folder, runs) for words in COMMANDS]


def _command(words: tuple[str, ...], folder: Path, runs: int) -> Row:
    heavy = sorted(set(_IMPORT.findall(_ask("-X", "importtime", words=words, folder=folder)[1])))
    loaded = f"imports {' and '.join(heavy)}" if heavy else "neither torch nor ray imported"
    seconds = [_ask(words=words, folder=folder)[0] for _ in range(runs)]
    return alone(f"startup: autotrick {words[0]} ({loaded})", seconds, "s", READING_GOAL_S)


def _ask(*options: str, words: tuple[str, ...], folder: Path) -> tuple[float, str]:
    start = time.perf_counter()
    done = python(*options, "-m", "autotrick", *words, folder=folder)
    return time.perf_counter() - start, done.stderr
