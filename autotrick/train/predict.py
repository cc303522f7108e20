"""What a checkpoint predicts for the images of a split."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from autotrick.data import Dataset, Split
from autotrick.train import checkpoint
from autotrick.train.evaluate import batches, predictor
from autotrick.train.numerics import numerics
from autotrick.train.setup import Stages, prepare, restored
from autotrick.tricks import assemble


@dataclass(frozen=True, slots=True)
class Prediction:
    """What one network says about the images of a split.

    Attributes:
        probabilities: (N, K); each row sums to 1.
        parameters: Weights of the network, those that were not trained included.
        seconds: Wall time of all images.
    """

    probabilities: NDArray[np.float64]
    parameters: int
    seconds: float


def predict(path: Path, data: Dataset, split: Split, *, device: str = "cpu") -> Prediction:
    """Predict with the network of a checkpoint as its trial was evaluated.

    Averages of weights and test-time augmentation count, where its recipe has them.

    Args:
        data: What the checkpoint was trained on.
        split: Images of `data` to predict.

    Raises:
        RecipeError: The checkpoint was trained on other data.
        TrainingError: The file is missing, damaged, or older than recipes in checkpoints.
    """
    content = checkpoint.load(path)
    recipe = checkpoint.recipe_of(content, path).at(len(content["reports"]) - 1)
    plain = recipe.model_copy(update={"tricks": {}})
    with numerics(recipe, device):
        # Without its tricks, which may want files that prediction does not need.
        blank = prepare(plain, data, Stages([]), torch.device(device))
        run, model = restored(path, checkpoint.checksum(path), blank)
        logits_of = predictor(run, Stages(assemble(run.recipe)), model)
        found = []
        start = time.perf_counter()
        with torch.inference_mode():
            for rows in batches(split):
                logits = logits_of(run.normalised(split.images[rows]))
                found.append(logits.double().softmax(1).cpu().numpy())
        seconds = time.perf_counter() - start
    parameters = sum(p.numel() for p in model.parameters())
    return Prediction(np.concatenate(found), parameters, seconds)
