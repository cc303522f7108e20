"""What a checkpoint predicts for the images of a split."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import numpy as np
import torch
from numpy.typing import NDArray

from autotrick.data import Dataset, Split
from autotrick.errors import RecipeError
from autotrick.tasks import find as find_task
from autotrick.train import checkpoint
from autotrick.train.average import probabilities
from autotrick.train.evaluate import batches, predictor
from autotrick.train.numerics import numerics
from autotrick.train.prepare import Stages, prepare, restored
from autotrick.tricks import assemble

_TIMED, _LIMIT_S = 5, 1.0
"""Batches, at least, of whose times the median is taken; fewer where they take seconds."""


@dataclass(frozen=True, slots=True)
class Prediction:
    """What one network says about the images of a split.

    Attributes:
        probabilities: (N, K); each row sums to 1.
        logits: (N, K) that they are made of.
        parameters: Weights of the network, those that were not trained included.
        seconds: Wall time of all images: that of one in the median batch, times their number. A
            first batch, for which memory is laid out and kernels are compiled, does not count.
    """

    probabilities: NDArray[np.float64]
    logits: NDArray[np.float64]
    parameters: int
    seconds: float


def predict(path: Path | str, data: Dataset, split: Split, *, device: str = "cpu") -> Prediction:
    """Predict with the network of a checkpoint as its trial was evaluated.

    Averages of weights and test-time augmentation count, where its recipe has them.

    Args:
        data: What the checkpoint was trained on.
        split: Images of `data` to predict.

    Raises:
        RecipeError: The checkpoint was trained on other data, or for a task whose predictions are not
            averaged.
        TrainingError: The file is missing, damaged, or older than recipes in checkpoints.
    """
    path = Path(path)
    content = checkpoint.load(path)
    recipe = checkpoint.recipe_of(content, path).at(len(content["reports"]) - 1)
    if not find_task(recipe.task).ensembles:
        raise RecipeError(
            f"predictions of networks for {recipe.task} are not averaged or compared."
        )
    plain = recipe.model_copy(update={"tricks": {}})
    with numerics(recipe, device):
        # Without its tricks, which may want files that prediction does not need.
        blank = prepare(plain, data, Stages([]), torch.device(device), left={})
        run, model = restored(path, checkpoint.checksum(path), blank)
        logits_of = predictor(run, Stages(assemble(run.recipe)), model)
        with torch.inference_mode():
            found, seconds = _timed(lambda images: logits_of(run.normalised(images)), split)
    parameters = sum(p.numel() for p in model.parameters())
    return Prediction(probabilities(found, run.task), found, parameters, seconds)


def _timed(
    logits_of: Callable[[NDArray[np.uint8]], torch.Tensor], split: Split
) -> tuple[NDArray[np.float64], float]:
    """Return the logits, and the time of all images without what a first batch costs."""

    def predicted(rows: slice) -> NDArray[np.float64]:
        found: NDArray[np.float64] = logits_of(split.images[rows]).double().cpu().numpy()
        return found

    first, *others = batches(split)
    found, seconds = [predicted(first)], list[float]()
    # A few batches are measured again, unless they are so long that the noise is small.
    again = [first] * max(0, _TIMED - len(others))
    for rows in [*again, *others]:
        if rows == first and sum(seconds) > _LIMIT_S:
            continue
        start = time.perf_counter()
        logits = predicted(rows)
        seconds.append((time.perf_counter() - start) / len(logits))
        if rows != first:
            found.append(logits)
    return np.concatenate(found), median(seconds) * len(split)
