"""Runs one attempt of a trial in a Ray worker.

Workers have no credentials and do not write to the database. They write checkpoints into the trial's
folder and send messages; the driver lets the attempt go on or ends it inside `report`.
"""

import functools
import socket
import time
import traceback
from collections.abc import Collection
from math import inf
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ConfigDict

from autotrick.errors import AutotrickError, TrainingError
from autotrick.observing import EVERY
from autotrick.recipe import DataRef, EpochReport, Recipe, TrialResult
from autotrick.tune.checkpoints.storage import TrialCheckpoints, open_checkpoints, place_of

if TYPE_CHECKING:
    from autotrick.data import Dataset
    from autotrick.train import Checkpoint, Observer, Snapshot

CHEAP = ("multiply_adds",)
"""Measures of every network."""

PACE_S = 0.25
"""Seconds between reports that no decision waits for: Ray takes milliseconds per message."""


class SavedCheckpoint(BaseModel):
    """A checkpoint as it is recorded."""

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
        trace: The traceback if it is a bug of autotrick, else empty.
    """

    model_config = ConfigDict(frozen=True)

    reason: str
    message: str
    trace: str = ""


class Assignment(BaseModel):
    """All that a worker needs to train a trial.

    Attributes:
        folder: Folder of the trial's checkpoints; a path or a URL.
        cache: The node's data cache; None for the default.
        measures: What to measure at the end, beyond the measures of every trial.
        sync_epochs: Epochs at which the trial waits for the driver's verdict.
        begins_with: Folder and epoch of another trial's checkpoint that this one begins with, if it
            exists; without it all epochs are trained, with the same result.
        data_dir: Folder where the driver found the data's files.
        keep_epoch: An epoch whose checkpoint must stay, because other trials may begin with it.
        observe: What to observe, of `autotrick.observing.KINDS`; event files go beside the checkpoints.
        observe_every: Updates between two observed values of the loss.
    """

    model_config = ConfigDict(frozen=True)

    recipe: Recipe
    folder: str
    cache: Path | None
    device: str
    measures: tuple[str, ...] = ()
    sync_epochs: tuple[int, ...] = ()
    begins_with: tuple[str, int] | None = None
    data_dir: Path | None = None
    keep_epoch: int | None = None
    observe: tuple[str, ...] = ()
    observe_every: int = EVERY


class Message(BaseModel):
    """A message from a worker to the driver.

    Attributes:
        reports: Epochs that this attempt has not sent before. The first message of an attempt
            repeats those of its checkpoint, so that none is missing after a kill at any moment.
        environment: Only in the first message of an attempt.
        node: The cluster's name for the worker's node; only together with the environment.
        measures: Measures of the network so far, by the names of `autotrick.measures`; those of the
            end come with the last epoch, or when finished.
        begun: Epochs that came from a checkpoint; only in the first message.
        finished: Whether the attempt ended by itself.
        ended_by: The trick that ended the trial before its last epoch, such as `early_stopping`.
    """

    model_config = ConfigDict(frozen=True, ser_json_inf_nan="constants")

    reports: tuple[EpochReport, ...] = ()
    checkpoint: SavedCheckpoint | None = None
    environment: dict[str, str | bool | None] | None = None
    node: str | None = None
    measures: dict[str, float] = {}
    begun: int | None = None
    finished: bool = False
    ended_by: str | None = None
    failure: Failure | None = None

    def behind(self, known: int) -> str:
        """Return a sentence if the attempt began before the recorded epoch; else an empty text."""
        if self.begun is None or self.begun >= known:
            return ""
        where = f"the checkpoint of epoch {self.begun}" if self.begun else "the beginning"
        return f"the checkpoint of epoch {known} is lost or damaged; it goes on from {where}"


class Pace:
    """Decides when a worker sends its epochs: at once if the driver waits for one, else together.

    An epoch that is not sent yet is in the checkpoint, whose epochs the next attempt repeats.
    """

    def __init__(self, sync_epochs: Collection[int]) -> None:
        self._sync_epochs = sync_epochs
        self._sent = -inf

    def due(self, epoch: int) -> bool:
        """Return whether to send the epochs up to this one now."""
        now = time.monotonic()
        if epoch not in self._sync_epochs and now - self._sent < PACE_S:
            return False
        self._sent = now
        return True


class _Teller:
    """Sends the driver messages about an attempt.

    Attributes:
        kept: The trial's checkpoints, once they are open.
    """

    kept: TrialCheckpoints
    _observer: "Observer | None" = None

    def __init__(self, assignment: Assignment, where: dict[str, str | bool | None]) -> None:
        self._assignment = assignment
        self._pace = Pace(assignment.sync_epochs)
        self._where: dict[str, str | bool | None] | None = where
        self._known: tuple[EpochReport, ...] = ()
        self._measures: dict[str, float] = {}
        self._sent = 0
        self._begun: int | None = None
        self._saved: SavedCheckpoint | None = None

    @property
    def observer(self) -> "Observer | None":
        """What observes the attempt; None if nothing is to be observed."""
        from autotrick.train import Observer

        asked = self._assignment
        if asked.observe and self._observer is None:
            self._observer = Observer(self.kept.folder, asked.observe, every=asked.observe_every)
        return self._observer

    def on_epoch(self, snapshot: "Snapshot") -> bool:
        if self._observer and self.kept.uploads:
            self._observer.close()  # the next epoch begins a file, so each is uploaded once
            self.kept.keep_events()
        self._known, self._begun = snapshot.reports, snapshot.begun
        self._saved = _saved(snapshot.save(self.kept.folder), self.kept)
        if self._pace.due(len(self._known)):
            self.send(measures=self._measured(snapshot))
        return True

    def finish(self, result: TrialResult) -> None:
        self._known = result.reports
        if self._saved is None:
            # An earlier attempt has trained all epochs, and may not have reported it.
            self._saved = _written(self.kept, len(result.reports))
        measures = result.measures | {"parameters": result.parameters}
        self.send(measures=measures, finished=True, ended_by=result.ended_by)

    def _measured(self, snapshot: "Snapshot") -> dict[str, float]:
        """Return the measures of the network after an epoch."""
        if not self._measures:
            self._measures = snapshot.measure(CHEAP) | {"parameters": snapshot.parameters}
        # The driver ends a trial with the report of its last epoch.
        whole = len(snapshot.reports) == self._assignment.recipe.epochs
        return self._measures | (snapshot.measure(self._assignment.measures) if whole else {})

    def send(self, **fields: Any) -> None:
        """Send the epochs that were not sent yet, with further fields."""
        from ray import tune

        message = Message(
            reports=self._known[self._sent :],
            checkpoint=self._saved if self._sent < len(self._known) else None,
            environment=self._where,
            node=_node() if self._where else None,
            begun=self._begun if self._where else None,
            **fields,
        )
        self._where, self._sent = None, len(self._known)
        tune.report({"message": message.model_dump_json()})


def work(config: dict[str, Any]) -> None:
    """Train the assigned recipe, from its newest checkpoint if it has one."""
    from autotrick.train import environment, train

    assignment = Assignment.model_validate_json(config["assignment"])
    teller = _Teller(assignment, environment(assignment.device))
    try:
        with open_checkpoints(
            place_of(assignment.folder), keep_epoch=assignment.keep_epoch
        ) as teller.kept:
            try:
                result = train(
                    assignment.recipe,
                    _data(assignment.recipe.data, assignment.cache, assignment.data_dir),
                    resume_from=teller.kept.start(assignment.begins_with),
                    on_epoch=teller.on_epoch,
                    device=assignment.device,
                    measures=(*CHEAP, *assignment.measures),
                    observer=teller.observer,
                )
            finally:
                teller.kept.keep_events()
        teller.finish(result)
    except AutotrickError as error:
        reason = error.reason if isinstance(error, TrainingError) else type(error).__name__
        teller.send(failure=Failure(reason=reason, message=str(error)))
    except Exception as error:
        message, trace = f"{type(error).__name__}: {error}", traceback.format_exc()
        teller.send(failure=Failure(reason="bug", message=message, trace=trace))


def _node() -> str:
    """Return which of the cluster's nodes this is; one machine may run several."""
    import ray

    return f"{socket.gethostname()}/{ray.get_runtime_context().get_node_id()[:8]}"


def _written(kept: TrialCheckpoints, epoch: int) -> SavedCheckpoint | None:
    """Return the checkpoint that an earlier attempt wrote after an epoch, if it exists."""
    from autotrick.train import checkpoint

    path = checkpoint.at(kept.folder, epoch)
    if not path.exists():
        return None
    checksum, size = checkpoint.checksum(path), path.stat().st_size
    return SavedCheckpoint(path=kept.address(path), epoch=epoch, checksum=checksum, bytes=size)


def _saved(made: "Checkpoint", kept: TrialCheckpoints) -> SavedCheckpoint:
    address = kept.keep(made.path)
    return SavedCheckpoint(path=address, epoch=made.epoch, checksum=made.checksum, bytes=made.bytes)


@functools.lru_cache(maxsize=2)
def _data(ref: DataRef, cache: Path | None, data_dir: Path | None) -> "Dataset":
    from autotrick.tune.cluster.transfer import data_here

    return data_here(ref, cache=cache, data_dir=data_dir)
