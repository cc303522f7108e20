"""The metrics of a checkpoint on any split, as its trial was evaluated on the validation split."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import torch

from autotrick.data import Dataset, Split
from autotrick.train import checkpoint
from autotrick.train.evaluate import digest, score
from autotrick.train.numerics import numerics
from autotrick.train.prepare import Stages, prepare, restored
from autotrick.tricks import assemble


@dataclass(frozen=True, slots=True)
class Scores:
    """What a network gives on some images.

    Attributes:
        weights: 16 hex digits that name the weights, as the trial's reports do.
        metrics: The task's metrics by name.
        images: Number of images.
    """

    weights: str
    metrics: Mapping[str, float]
    images: int


def score_checkpoint(
    path: Path | str, data: Dataset, split: Split, *, device: str = "cpu"
) -> Scores:
    """Return what the network of a checkpoint gives on a split.

    Averages of weights and test-time augmentation count, where its recipe has them.

    Args:
        data: What the checkpoint was trained on.
        split: One of the splits of `data`.

    Raises:
        RecipeError: The checkpoint was trained on other data.
        TrainingError: The file is missing or damaged.
    """
    path = Path(path)
    content = checkpoint.load(path)
    recipe = checkpoint.recipe_of(content, path).at(len(content["reports"]) - 1)
    plain = recipe.model_copy(update={"tricks": {}})
    with numerics(recipe, device):
        # Without its tricks, which may want files that prediction does not need.
        blank = prepare(plain, data, Stages([]), torch.device(device), left={})
        run, model = restored(path, checkpoint.checksum(path), blank)
        metrics, _ = score(run, Stages(assemble(run.recipe)), model, split)
        return Scores(digest(model), metrics, len(split))
