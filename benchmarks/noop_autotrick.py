"""Measure autotrick's overhead: a real search whose workers train nothing.

`python -m benchmarks.noop_autotrick DATABASE TRIALS EPOCHS` adds TRIALS trials of one epoch to the
study of that database, then runs two trials of EPOCHS epochs, and two more in which a decision waits
for every epoch. Prints the timestamps as JSON.
"""

import json
import sys
import tempfile
import time
from functools import partial
from pathlib import Path
from typing import Any

from autotrick.recipe import EpochReport
from autotrick.records import Database, open_database, study
from autotrick.tune import Event, Options, Resources, search
from autotrick.tune.cluster.worker import Assignment, Message, Pace, SavedCheckpoint
from benchmarks.children import memory_mib
from benchmarks.decisions import space
from benchmarks.histories import STUDY, report_of

SLOTS = 2
_ENVIRONMENT: dict[str, str | bool | None] = {"autotrick": "benchmark", "device": "cpu"}


def train_nothing(config: dict[str, Any], *, at_once: bool = False) -> None:
    """Send the driver the same messages as `autotrick.tune.cluster.worker.work`.

    Args:
        at_once: Whether to send every epoch in its own message, as if a decision waited for each.
    """
    from ray import tune

    assignment = Assignment.model_validate_json(config["assignment"])
    recipe = assignment.recipe
    pace = Pace(assignment.sync_epochs)
    held: list[EpochReport] = []
    environment: dict[str, str | bool | None] | None = _ENVIRONMENT
    for epoch in range(1, recipe.epochs + 1):
        held.append(report_of(recipe, epoch))
        if not (at_once or pace.due(epoch)):
            continue
        message = Message(
            reports=tuple(held),
            checkpoint=_checkpoint(assignment, epoch),
            environment=environment,
            measures={"parameters": 61_706},
        )
        environment, held = None, []
        tune.report({"message": message.model_dump_json()})
    message = Message(
        reports=tuple(held),
        checkpoint=_checkpoint(assignment, recipe.epochs) if held else None,
        finished=True,
        measures={"parameters": 61_706},
    )
    tune.report({"message": message.model_dump_json()})


def _checkpoint(assignment: Assignment, epoch: int) -> SavedCheckpoint:
    path = f"{assignment.folder}/{epoch}"
    return SavedCheckpoint(path=path, epoch=epoch, checksum="0" * 64, bytes=1)


class Stopwatch:
    """Record wall time and the driver's processor time of every epoch and of every trial's end."""

    def __init__(self) -> None:
        self.moments: dict[str, list[tuple[float, float]]] = {"epoch": [], "complete": []}

    def __call__(self, event: Event) -> None:
        if event.kind in self.moments:
            self.moments[event.kind].append((time.perf_counter(), time.process_time()))


def measure(database: Database, trials: int, epochs: int, folder: Path) -> dict[str, Any]:
    """Return when trials ended and epochs were reported, and the memory in use after the trials."""
    from autotrick.tune.cluster import engine

    many, long, awaited = Stopwatch(), Stopwatch(), Stopwatch()
    resources = Resources(concurrency=SLOTS, storage=folder, cache=folder / "cache")
    known = study(database, STUDY).trials
    held: list[float] = []
    with engine.cluster(None, slots=SLOTS, cpus=1.0, gpus=0.0):
        for searched, name, count, watch in (
            (space(1), STUDY, known + trials, many),
            (space(epochs), "reports", SLOTS, long),
            (space(epochs), "awaited", SLOTS, awaited),
        ):
            trainable = partial(train_nothing, at_once=watch is awaited)
            options = Options(trainable=trainable, listener=watch)
            search(
                searched, database, study=name, trials=count, resources=resources, options=options
            )
            held.append(memory_mib())
    moments = {
        "trials": many.moments["complete"],
        "reports": long.moments["epoch"],
        "awaited": awaited.moments["epoch"],
    }
    return {"moments": moments, "mib": held[0]}


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as scratch, open_database(f"sqlite:///{sys.argv[1]}") as db:
        print(json.dumps(measure(db, int(sys.argv[2]), int(sys.argv[3]), Path(scratch))))
