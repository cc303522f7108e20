"""Ensembles: average the predictions of a study's best trials."""

import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from autotrick.records import Database
from autotrick.tasks import find as find_task
from autotrick.trained import best_trials, checkpoints_of, placed, trained

if TYPE_CHECKING:
    from autotrick.train.average import Average


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
        together: The mean of their predictions.
        images: Size of the validation split.
        gain: Accuracy of the ensemble minus that of the best trial.
        error: Standard error of the gain: images count as drawn at random.
        average: What was averaged: `probabilities` or `logits`.
    """

    members: tuple[Member, ...]
    together: Member
    images: int
    gain: float
    error: float
    average: "Average" = "probabilities"


def ensemble(  # noqa: PLR0913 -- which trials, how averaged, and where they are
    database: Database,
    study: str,
    *,
    top: int,
    average: "Average" = "probabilities",
    retrain: bool = False,
    data_dir: Path | str | None = None,
    on_trial: Callable[[int], None] | None = None,
) -> Ensemble:
    """Average the predictions of a study's best complete trials, on the CPU.

    The trials were chosen on the same validation split, so all accuracies are slightly optimistic.

    Args:
        top: Number of trials.
        average: What to average: probabilities, or the logits that they are made of.
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
    from autotrick.train.average import averaged

    rows = best_trials(database, study, top)
    paths = checkpoints_of(database, rows, retrain=retrain)
    place, cache = placed(database, study, data_dir)
    data = load(rows[0].recipe.data, data_dir=place, cache_dir=cache)
    labels = data.validation.labels
    members, rights, logits = [], [], []
    with tempfile.TemporaryDirectory(prefix="autotrick-ensemble-") as folder:
        for row in rows:
            if on_trial:
                on_trial(row.number)
            path = paths[row.number] or trained(row, data, Path(folder) / str(row.number))
            found = predict(path, data, data.validation)
            logits.append(found.logits)
            rights.append(found.probabilities.argmax(1) == labels)
            speed = 1000 * found.seconds / len(labels)
            members.append(Member(row.number, float(rights[-1].mean()), found.parameters, speed))
    together_found = averaged(logits, find_task(rows[0].recipe.task), average)
    right = together_found.argmax(1) == labels
    gained = right.astype(float) - rights[0]
    together = Member(
        None,
        float(right.mean()),
        sum(member.parameters for member in members),
        sum(member.milliseconds for member in members),
    )
    error = float(gained.std() / np.sqrt(len(labels)))
    gain = float(gained.mean())
    return Ensemble(tuple(members), together, len(labels), gain, error, average)
