"""What runs in a Ray worker: one attempt at one trial.

Workers hold no credentials and write no database. They write checkpoints into the trial's folder and
send messages; the driver answers by letting the attempt go on or by ending it inside `report`.
"""

import functools
import socket
import traceback
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ConfigDict

from autotrick.errors import AutotrickError, TrainingError
from autotrick.recipe import EpochReport, Recipe

if TYPE_CHECKING:
    from autotrick.data import Dataset
    from autotrick.train import Checkpoint, Snapshot

KEPT_CHECKPOINTS = 2

CHEAP = ("multiply_adds",)
"""What is measured of every network."""


class SavedCheckpoint(BaseModel):
    """A checkpoint as the record keeps it."""

    model_config = ConfigDict(frozen=True)

    path: str
    epoch: int
    checksum: str
    bytes: int


class Failure(BaseModel):
    """Why a trial cannot go on.

    Attributes:
        reason: One word, such as `nan_loss`.
        message: A sentence for people.
        trace: The traceback where the fault is autotrick's own, else empty.
    """

    model_config = ConfigDict(frozen=True)

    reason: str
    message: str
    trace: str = ""


class Assignment(BaseModel):
    """What a worker is told to do.

    Attributes:
        folder: Where the trial's checkpoints are.
        cache: The node's data cache; None for the default.
        measures: What to measure at the end, beyond what every trial has.
    """

    model_config = ConfigDict(frozen=True)

    recipe: Recipe
    folder: str
    cache: str | None
    device: str
    measures: tuple[str, ...] = ()


class Message(BaseModel):
    """What a worker tells the driver.

    Attributes:
        reports: Epochs that this attempt has not sent before. The first message of an attempt
            repeats those of its checkpoint, so that none is missing whatever was killed when.
        environment: Only in the first message of an attempt.
        node: The cluster's name for the worker's node; only beside the environment.
        measures: What is known of the network by now, by the names of `autotrick.measures`; what is
            measured at the end comes with the last epoch, or when finished.
        finished: Whether the attempt ended by itself.
    """

    model_config = ConfigDict(frozen=True)

    reports: tuple[EpochReport, ...] = ()
    checkpoint: SavedCheckpoint | None = None
    environment: dict[str, str | bool | None] | None = None
    node: str | None = None
    measures: dict[str, float] = {}
    finished: bool = False
    failure: Failure | None = None


def work(config: dict[str, Any]) -> None:
    """Train the assigned recipe, from its newest checkpoint on if there is one."""
    from ray import tune

    from autotrick.train import environment, train

    assignment = Assignment.model_validate_json(config["assignment"])
    folder = Path(assignment.folder)
    sent = 0
    where: dict[str, str | bool | None] | None = environment(assignment.device)
    known: dict[str, float] = {}

    def send(**fields: Any) -> None:
        nonlocal where
        message = Message(environment=where, node=_node() if where else None, **fields)
        where = None
        tune.report({"message": message.model_dump_json()})

    def on_epoch(snapshot: "Snapshot") -> bool:
        nonlocal sent
        fresh, sent = snapshot.reports[sent:], len(snapshot.reports)
        saved = _saved(snapshot.save(folder), folder)
        measures = _measured(snapshot, assignment, known)
        send(reports=fresh, checkpoint=saved, measures=measures)
        return True

    try:
        result = train(
            assignment.recipe,
            _data(assignment.recipe.data.fingerprint, assignment.cache),
            resume_from=folder,
            on_epoch=on_epoch,
            device=assignment.device,
            measures=(*CHEAP, *assignment.measures),
        )
        ended = result.measures | {"parameters": result.parameters}
        send(reports=result.reports[sent:], measures=ended, finished=True)
    except AutotrickError as error:
        reason = error.reason if isinstance(error, TrainingError) else type(error).__name__
        send(failure=Failure(reason=reason, message=str(error)))
    except Exception as error:
        trace = traceback.format_exc()
        send(failure=Failure(reason="bug", message=f"{type(error).__name__}: {error}", trace=trace))


def _measured(
    snapshot: "Snapshot", assignment: Assignment, known: dict[str, float]
) -> dict[str, float]:
    """Return what is to be told of the network after an epoch.

    Args:
        known: What does not change from epoch to epoch, once it is there.
    """
    if not known:
        known.update(snapshot.measure(CHEAP), parameters=snapshot.parameters)
    # The driver ends a trial with the report of its last epoch.
    whole = len(snapshot.reports) == assignment.recipe.epochs
    return known | (snapshot.measure(assignment.measures) if whole else {})


def _node() -> str:
    """Return which of the cluster's nodes this is; one machine may carry several."""
    import ray

    return f"{socket.gethostname()}/{ray.get_runtime_context().get_node_id()[:8]}"


def _saved(made: "Checkpoint", folder: Path) -> SavedCheckpoint:
    from autotrick.train.checkpoint import prune

    prune(folder, keep=KEPT_CHECKPOINTS)
    return SavedCheckpoint(
        path=str(made.path), epoch=made.epoch, checksum=made.checksum, bytes=made.bytes
    )


@functools.lru_cache(maxsize=2)
def _data(fingerprint: str, cache: str | None) -> "Dataset":
    from autotrick.data import open_cached

    return open_cached(fingerprint, Path(cache) if cache else None)
