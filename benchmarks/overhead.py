"""What a trial and an epoch report cost beside the training, against Ray Tune with OptunaSearch.

Both sides run trials that train nothing, on two slots with reused workers, with the same TPE over the
same 25 decisions, and record everything in SQLite. Each measurement is a process of its own that
starts from a study with a history. Figures are slopes after the first trials, so neither starting
nor the first imports count.
"""

import json
import shutil
import tempfile
from pathlib import Path

from benchmarks.children import python, say
from benchmarks.histories import write_ours, write_theirs
from benchmarks.row import Row, compared

HISTORIES = (0, 1000)
GOAL = 0.5
WARM_UP = 15
"""Trials that end before the slope is taken; at a history of 0, TPE begins to learn after 10."""

Moments = list[tuple[float, float]]
Sides = dict[str, list[dict[str, Moments]]]


def run(quick: bool, histories: tuple[int, ...] = HISTORIES) -> list[Row]:
    """Return the time of a trial and of an epoch report at each history.

    Args:
        histories: Complete trials that the study has before.
    """
    return [row for count in histories for row in _at(count, quick)]


def _at(history: int, quick: bool) -> list[Row]:
    trials, epochs, runs = (50, 200, 1) if quick else (110, 500, 3)
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
    return [
        _row(f"no-op trial, history {history:,}", sides, "trials", 0, GOAL),
        _row(f"no-op trial, driver's CPU, history {history:,}", sides, "trials", 1, None),
        _row(f"epoch report, history {history:,}", sides, "reports", 0, GOAL),
        _row(f"epoch report, driver's CPU, history {history:,}", sides, "reports", 1, None),
    ]


def _measure(side: str, folder: Path, trials: int, epochs: int) -> dict[str, Moments]:
    module = f"benchmarks.noop_{side}"
    done = python("-m", module, "run.db", str(trials), str(epochs), folder=folder)
    moments: dict[str, Moments] = json.loads(done.stdout.splitlines()[-1])
    expected = {"trials": trials, "reports": 2 * epochs}
    seen = {kind: len(found) for kind, found in moments.items()}
    if seen != expected:
        raise RuntimeError(f"{module} has {seen} moments instead of {expected}.")
    return moments


def _row(name: str, sides: Sides, kind: str, clock: int, goal: float | None) -> Row:
    ours, theirs = (
        [1000 * slope([moment[clock] for moment in run[kind]]) for run in sides[side]]
        for side in ("autotrick", "optuna")
    )
    return compared(f"overhead: {name}", ours, theirs, "ms", goal)


def slope(moments: list[float]) -> float:
    """Return the seconds from one moment to the next, without the start and the last few.

    At the end a slot stands empty, so the last tenth does not count.
    """
    last = len(moments) - 1 - len(moments) // 10
    return (moments[last] - moments[WARM_UP]) / (last - WARM_UP)
