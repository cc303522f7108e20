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
    """

    model_config = ConfigDict(frozen=True)

    recipe: Recipe
    folder: str
    cache: str | None
    device: str


class Message(BaseModel):
    """What a worker tells the driver.

    Attributes:
        reports: Epochs that this attempt has not sent before. The first message of an attempt
            repeats those of its checkpoint, so that none is missing whatever was killed when.
        environment: Only in the first message of an attempt.
        node: The cluster's name for the worker's node; only beside the environment.
        parameters: Trainable weights; only when finished.
        finished: Whether the attempt ended by itself.
    """

    model_config = ConfigDict(frozen=True)

    reports: tuple[EpochReport, ...] = ()
    checkpoint: SavedCheckpoint | None = None
    environment: dict[str, str | bool | None] | None = None
    node: str | None = None
    parameters: int | None = None
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

    def send(**fields: Any) -> None:
        nonlocal where
        message = Message(environment=where, node=_node() if where else None, **fields)
        where = None
        tune.report({"message": message.model_dump_json()})

    def on_epoch(snapshot: "Snapshot") -> bool:
        nonlocal sent
        fresh, sent = snapshot.reports[sent:], len(snapshot.reports)
        saved = _saved(snapshot.save(folder), folder)
        send(reports=fresh, checkpoint=saved, parameters=snapshot.parameters)
        return True

    try:
        result = train(
            assignment.recipe,
            _data(assignment.recipe.data.fingerprint, assignment.cache),
            resume_from=folder,
            on_epoch=on_epoch,
            device=assignment.device,
        )
        send(reports=result.reports[sent:], parameters=result.parameters, finished=True)
    except AutotrickError as error:
        reason = error.reason if isinstance(error, TrainingError) else type(error).__name__
        send(failure=Failure(reason=reason, message=str(error)))
    except Exception as error:
        trace = traceback.format_exc()
        send(failure=Failure(reason="bug", message=f"{type(error).__name__}: {error}", trace=trace))


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
