"""Accuracy by the aspect ratio that images had before they were made square."""

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from autotrick import records
from autotrick.errors import DataError, NotFoundError
from autotrick.records import Database
from autotrick.trained import checkpoint_of, placed, trained

if TYPE_CHECKING:
    from numpy.typing import NDArray

BOUNDS = (1.25, 2.0)
"""Longer side over shorter side at which strata end; the last one has no end."""


@dataclass(frozen=True, slots=True)
class Stratum:
    """Validation images of similar aspect ratio.

    Attributes:
        low: Lower bound of longer side over shorter side; exclusive, except in the first stratum.
        high: Upper bound, inclusive; None for no limit.
        images: Number of images.
        accuracy: In [0, 1]; None without images.
        error: Its standard error; None for fewer than two images.
    """

    low: float
    high: float | None
    images: int
    accuracy: float | None
    error: float | None


def accuracy_by_aspect(
    database: Database,
    study: str,
    number: int,
    *,
    retrain: bool = False,
    data_dir: Path | str | None = None,
) -> tuple[Stratum, ...]:
    """Predict the validation images with a trial's last checkpoint, on the CPU, and group them.

    Args:
        retrain: Whether to train again if the checkpoint is gone.
        data_dir: None looks where the study looked.

    Raises:
        NotFoundError: There is no such trial, it has no epochs, or its checkpoint is gone and
            `retrain` is off.
        DataError: The images are not a folder's, or not those that the study was made with.
    """
    from autotrick.data import load, validation_aspects
    from autotrick.train import predict

    row = records.trial(database, study, number)
    if not row.epochs:
        raise NotFoundError(f"trial {number} has no epochs yet. Choose one that was trained.")
    path = checkpoint_of(database, row)
    if path is None and not retrain:
        message = f"the last checkpoint of trial {number} is not there (any more)."
        raise NotFoundError(f"{message} Train it again with --retrain.")
    folder, cache = placed(database, study, data_dir)
    ratios, labels = validation_aspects(row.recipe.data, folder)
    data = load(row.recipe.data, data_dir=folder, cache_dir=cache)
    if not np.array_equal(labels, data.validation.labels):
        raise DataError(
            f"the files of {data.name} are not those that the study was made with: other labels. "
            "Bring the recorded files back."
        )
    with tempfile.TemporaryDirectory(prefix="autotrick-aspects-") as made:
        found = predict(path or trained(row, data, Path(made)), data, data.validation)
    return strata(ratios, found.probabilities.argmax(1) == labels)


def strata(ratios: "NDArray[np.float64]", right: "NDArray[np.bool_]") -> tuple[Stratum, ...]:
    """Return accuracies by aspect ratio.

    Args:
        ratios: (N,) longer side over shorter side, at least 1.
        right: (N,) whether each prediction was right.
    """
    place = np.searchsorted(BOUNDS, ratios)
    lows, highs = (1.0, *BOUNDS), (*BOUNDS, None)
    return tuple(
        _stratum(low, high, right[place == i])
        for i, (low, high) in enumerate(zip(lows, highs, strict=True))
    )


def _stratum(low: float, high: float | None, right: "NDArray[np.bool_]") -> Stratum:
    count = len(right)
    accuracy = float(right.mean()) if count else None
    error = float(right.std(ddof=1) / np.sqrt(count)) if count > 1 else None
    return Stratum(low, high, count, accuracy, error)
