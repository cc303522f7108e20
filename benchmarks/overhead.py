"""Measure the overhead of a trial and of an epoch report against Ray Tune with OptunaSearch.

Both sides run trials that train nothing on two slots with reused workers, use the same TPE over the
same 25 decisions, and record everything in SQLite. Each measurement is a separate process that starts
from a study with a history. Figures are slopes after the first trials, so neither startup nor the
first imports count.
"""

import json
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

from benchmarks.children import python, say
from benchmarks.histories import write_ours, write_theirs
from benchmarks.row import Row, compared

HISTORIES = (0, 1000, 10_000)
GOAL = 0.2
WARM_UP = 15
"Trials that end before the slope is taken; with a history of 0, TPE starts to learn after 10."

LONG = 10_000
"From this history on, the alternative takes seconds per trial, so fewer trials run."

Moments = list[tuple[float, float]]


@dataclass(frozen=True, slots=True)
class Measured:
    """Hold the measurements of a process.

    Attributes:
        moments: Wall time and processor time, in seconds, of every trial's end and of every report.
        mib: Memory of the driver after the trials, in MiB.
    """

    moments: dict[str, Moments]
    mib: float


Sides = dict[str, list[Measured]]


def run(quick: bool, histories: tuple[int, ...] = HISTORIES) -> list[Row]:
    """Return the time of a trial and of an epoch report at each history.

    Args:
        histories: Numbers of complete trials that the study starts with.
    """
    found = {count: _sides(count, quick) for count in histories}
    rows = [row for count, sides in found.items() for row in _at(count, sides)]
    return rows + _slopes(found)


def _sides(history: int, quick: bool) -> Sides:
    trials, epochs, runs = (50, 200, 1) if quick else (110, 500, 3)
    if history >= LONG:
        trials, runs = 50, 1
    sides: Sides = {"autotrick": [], "optuna": []}
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        write_ours(folder / "autotrick.db", history)
        write_theirs(folder / "optuna.db", history)
        for i in range(runs):
            for side, found in sides.items():
                say(f"overhead: history {history:,}, {side}, run {i + 1} of {runs}")
                shutil.copy(folder / f"{side}.db", folder / "run.db")
                found.append(_measure(side, folder, trials, epochs))
                for file in folder.glob("run.db*"):
                    file.unlink()
    return sides


def _at(history: int, sides: Sides) -> list[Row]:
    here, there = ([run.mib for run in sides[side]] for side in ("autotrick", "optuna"))
    return [
        compared(f"overhead: driver's memory, history {history:,}", here, there, "MiB", None),
        _row(f"no-op trial, history {history:,}", sides, "trials", 0, GOAL),
        _row(f"no-op trial, driver's CPU, history {history:,}", sides, "trials", 1, None),
        _row(f"epoch report, history {history:,}", sides, "reports", 0, GOAL),
        _row(f"epoch report that is waited for, history {history:,}", sides, "awaited", 0, None),
        _row(f"epoch report, driver's CPU, history {history:,}", sides, "reports", 1, None),
    ]


def _slopes(found: dict[int, Sides]) -> list[Row]:
    """Return how the driver's memory grows per trial of history."""
    if len(found) < 2:
        return []
    low, high = min(found), max(found)
    here, there = (
        [
            1024 * (after.mib - before.mib) / (high - low)
            for before, after in zip(found[low][side], found[high][side], strict=False)
        ]
        for side in ("autotrick", "optuna")
    )
    return [
        compared("overhead: driver's memory, each trial of the history", here, there, "KiB", None)
    ]


def _measure(side: str, folder: Path, trials: int, epochs: int) -> Measured:
    module = f"benchmarks.noop_{side}"
    done = python("-m", module, "run.db", str(trials), str(epochs), folder=folder)
    found = json.loads(done.stdout.splitlines()[-1])
    moments: dict[str, Moments] = found["moments"]
    expected = {"trials": trials, "reports": 2 * epochs, "awaited": 2 * epochs}
    seen = {kind: len(found) for kind, found in moments.items()}
    if seen != expected:
        raise RuntimeError(f"{module} has {seen} moments instead of {expected}.")
    return Measured(moments, found["mib"])


def _row(name: str, sides: Sides, kind: str, clock: int, goal: float | None) -> Row:
    ours, theirs = (
        [1000 * slope([moment[clock] for moment in run.moments[kind]]) for run in sides[side]]
        for side in ("autotrick", "optuna")
    )
    return compared(f"overhead: {name}", ours, theirs, "ms", goal)


def slope(moments: list[float]) -> float:
    """Return the seconds from one timestamp to the next, without the start and the last few.

    Excludes the last tenth, because a slot is empty at the end.
    """
    last = len(moments) - 1 - len(moments) // 10
    return (moments[last] - moments[WARM_UP]) / (last - WARM_UP)
