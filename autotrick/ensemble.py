"""Ensembles: average the predictions of a study's best trials."""

import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from autotrick import records, trusted_locations
from autotrick.bounded_file import is_regular
from autotrick.errors import NotFoundError
from autotrick.records import Database, TrialRow

if TYPE_CHECKING:
    from autotrick.data import Dataset


@dataclass(frozen=True, slots=True)
class Member:
    """One network, or several that vote, in figures.

    Attributes:
        trial: The trial's number; None for the ensemble.
        accuracy: On the validation split, in [0, 1].
        parameters: Number of weights.
        milliseconds: Time to predict one image: median over batches, without the first one.
    """

    trial: int | None
    accuracy: float
    parameters: int
    milliseconds: float


@dataclass(frozen=True, slots=True)
class Ensemble:
    """The best trials and their ensemble.

    Attributes:
        members: Each trial by itself, the best first.
        together: The mean of their probabilities.
        images: Size of the validation split.
        gain: Accuracy of the ensemble minus that of the best trial.
        error: Standard error of the gain: images count as drawn at random.
    """

    members: tuple[Member, ...]
    together: Member
    images: int
    gain: float
    error: float


def ensemble(
    database: Database,
    study: str,
    *,
    top: int,
    retrain: bool = False,
    data_dir: Path | str | None = None,
    on_trial: Callable[[int], None] | None = None,
) -> Ensemble:
    """Average the predicted probabilities of a study's best complete trials, on the CPU.

    The trials were chosen on the same validation split, so all accuracies are slightly optimistic.

    Args:
        top: Number of trials.
        retrain: Whether to retrain trials whose last checkpoint is gone.
        data_dir: None takes the study's.
        on_trial: Called with each trial's number before it predicts.

    Raises:
        NotFoundError: There are fewer complete trials, or checkpoints are gone and `retrain` is off.
        DataError: The data set is missing, or not the one that the study was made with.
        TrainingError: A checkpoint is damaged, or training failed.
    """
    from autotrick.data import load
    from autotrick.train import predict

    rows = records.best(database, study, limit=top)
    if len(rows) < top:
        message = f"study {study!r} has {len(rows)} complete trials, and {top} were asked for."
        raise NotFoundError(f"{message} Ask for fewer with --top.")
    paths = {row.number: checkpoint_of(database, row) for row in rows}
    gone = [str(number) for number, path in paths.items() if path is None]
    if gone and not retrain:
        message = f"the last checkpoint of trial {', '.join(gone)} is not there (any more)."
        raise NotFoundError(f"{message} Train again what is gone with --retrain.")
    place, cache = placed(database, study, data_dir)
    data = load(rows[0].recipe.data, data_dir=place, cache_dir=cache)
    labels = data.validation.labels
    members, rights = [], []
    total = np.zeros((len(labels), len(data.classes)))
    with tempfile.TemporaryDirectory(prefix="autotrick-ensemble-") as folder:
        for row in rows:
            if on_trial:
                on_trial(row.number)
            path = paths[row.number] or trained(row, data, Path(folder) / str(row.number))
            found = predict(path, data, data.validation)
            total += found.probabilities
            rights.append(found.probabilities.argmax(1) == labels)
            speed = 1000 * found.seconds / len(labels)
            members.append(Member(row.number, float(rights[-1].mean()), found.parameters, speed))
    right = total.argmax(1) == labels
    gained = right.astype(float) - rights[0]
    together = Member(
        None,
        float(right.mean()),
        sum(member.parameters for member in members),
        sum(member.milliseconds for member in members),
    )
    error = float(gained.std() / np.sqrt(len(labels)))
    return Ensemble(tuple(members), together, len(labels), float(gained.mean()), error)


def placed(
    database: Database, study: str, data_dir: Path | str | None = None
) -> tuple[Path | None, Path | None]:
    """Return the folders of a study's data and of its data cache; `data_dir` takes precedence."""
    recorded = records.study(database, study).settings.resources or {}
    return _path(data_dir or recorded.get("data_dir")), trusted_locations.own_folder(
        recorded, "cache"
    )


def checkpoint_of(database: Database, row: TrialRow) -> Path | None:
    """Return the checkpoint of the trial's last epoch; None if it is gone."""
    kept = records.last_checkpoint(database, row.id)
    if kept is None or kept.epoch != row.epochs or not is_regular(Path(kept.path)):
        return None
    return Path(kept.path)


def trained(row: TrialRow, data: "Dataset", folder: Path) -> Path:
    """Train a trial's recipe again for as many epochs, and return its checkpoint."""
    from autotrick.train import Snapshot, train

    paths: list[Path] = []

    def save(snapshot: Snapshot) -> bool:
        if len(snapshot.reports) == row.epochs:
            paths.append(snapshot.save(folder).path)
        return True

    train(row.recipe, data, until=row.epochs, on_epoch=save)
    return paths[0]


def _path(text: Path | str | None) -> Path | None:
    return Path(text) if text else None
