"""Scores the networks of ended trials on a split, in Ray workers with the resources of a trial."""

import functools
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from pydantic import BaseModel, ConfigDict

from autotrick.errors import AutotrickError, TrainingError
from autotrick.recipe import DataRef, Recipe
from autotrick.tune.checkpoints.storage import TrialCheckpoints, open_checkpoints, place_of

if TYPE_CHECKING:
    from autotrick.data import Dataset
    from autotrick.train import Snapshot

SplitName = Literal["validation", "test"]


class Network(BaseModel):
    """The network of an ended trial, and all that a worker needs to find it or to make it again.

    Attributes:
        recipe: The trial's.
        epochs: Epochs after which its checkpoint was taken.
        folder: Folder of its checkpoints; a path or a URL.
        cache: The node's data cache; None for the default.
        device: Where it was trained.
        data_dir: Folder where the driver found the data's files.
    """

    model_config = ConfigDict(frozen=True)

    recipe: Recipe
    epochs: int
    folder: str
    cache: Path | None
    device: str
    data_dir: Path | None = None


class Scored(BaseModel):
    """What a network gives on a split.

    Attributes:
        weights: Digest of its weights; empty after a failure.
        metrics: The task's metrics by name.
        images: Number of images.
        failure: Why it could not be scored; empty if it was.
    """

    model_config = ConfigDict(frozen=True, ser_json_inf_nan="constants")

    weights: str = ""
    metrics: dict[str, float] = {}
    images: int = 0
    failure: str = ""


def score_networks(
    networks: Sequence[Network], split: SplitName, *, shares: dict[str, float]
) -> list[Scored]:
    """Return what each network gives on a split; a cluster must be connected.

    A network whose checkpoint is gone or damaged is trained again first.

    Args:
        shares: What one network occupies of `num_cpus`, `num_gpus` and `memory`, as Ray names them.
    """
    import ray

    from autotrick.tune.cluster.module_paths import with_paths

    task = ray.remote(with_paths(_work)).options(**shares)
    asked = [
        task.remote({"network": network.model_dump_json(), "split": split}) for network in networks
    ]
    return [Scored.model_validate_json(answer) for answer in ray.get(asked)]


def _work(config: dict[str, Any]) -> str:
    network = Network.model_validate_json(config["network"])
    try:
        found = _score(network, config["split"])
    except AutotrickError as error:
        found = Scored(failure=str(error))
    return found.model_dump_json()


def _score(network: Network, split: SplitName) -> Scored:
    from autotrick.train import checkpoint
    from autotrick.train.score_checkpoint import score_checkpoint

    data = _data(network.recipe.data, network.cache, network.data_dir)
    images = data.test if split == "test" else data.validation
    assert images is not None, "whoever asks knows that there is a test split"
    with open_checkpoints(place_of(network.folder)) as kept:
        path = checkpoint.at(kept.folder, network.epochs)
        try:
            checkpoint.load(path)
        except TrainingError:
            _train_again(network, data, kept)
        found = score_checkpoint(path, data, images, device=network.device)
    return Scored(weights=found.weights, metrics=dict(found.metrics), images=found.images)


def _train_again(network: Network, data: "Dataset", kept: TrialCheckpoints) -> None:
    from autotrick.train import checkpoint, train

    # One that is damaged must not stay as the newest.
    checkpoint.at(kept.folder, network.epochs).unlink(missing_ok=True)

    def save(snapshot: "Snapshot") -> bool:
        kept.keep(snapshot.save(kept.folder).path)
        return True

    train(
        network.recipe,
        data,
        resume_from=kept.start(None),
        until=network.epochs,
        on_epoch=save,
        device=network.device,
    )


@functools.lru_cache(maxsize=2)
def _data(ref: DataRef, cache: Path | None, data_dir: Path | None) -> "Dataset":
    from autotrick.tune.cluster.transfer import data_here

    return data_here(ref, cache=cache, data_dir=data_dir)
