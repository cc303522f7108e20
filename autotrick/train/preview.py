"""What a recipe does to real images, as pixels that one can look at."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional

from autotrick.data import Dataset
from autotrick.recipe import Recipe
from autotrick.train.loop import batch_of
from autotrick.train.numerics import numerics
from autotrick.train.setup import Stages, prepare
from autotrick.tricks import Run, assemble


def preview(
    recipe: Recipe, data: Dataset, *, count: int = 12, draws: int = 3
) -> dict[str, NDArray[np.uint8]]:
    """Return the first training images as they are, and as the recipe trains on them.

    Args:
        count: Number of images N.
        draws: How many updates are shown.

    Returns:
        (N, H, W, C) uint8 by label. The same recipe gives the same pixels.
    """
    with numerics(recipe, "cpu"):
        stages = Stages(assemble(recipe))
        run = prepare(recipe, data, stages, torch.device("cpu"))
        samples = np.arange(min(count, len(data.train.labels)))
        rows = {"as they are": np.array(data.train.images[samples])}
        for draw in range(draws):
            # Spread over the trial: some tricks change with the progress.
            update = draw * (run.updates - 1) // max(1, draws - 1)
            rows[f"in update {update + 1}"] = _shown(run, stages, samples, update)
    return rows


def compare(
    recipes: Mapping[str, Recipe], data: Dataset, *, count: int = 12
) -> dict[str, NDArray[np.uint8]]:
    """Return the first training images as each recipe trains on them half way through the trial.

    Args:
        recipes: By what their row is called.
        count: Number of images N.

    Returns:
        (N, H, W, C) uint8 by label, as they are first. The same recipes give the same pixels.
    """
    samples = np.arange(min(count, len(data.train.labels)))
    rows = {"as they are": np.array(data.train.images[samples])}
    for label, recipe in recipes.items():
        with numerics(recipe, "cpu"):
            stages = Stages(assemble(recipe))
            run = prepare(recipe, data, stages, torch.device("cpu"))
            rows[label] = _shown(run, stages, samples, run.updates // 2)
    return rows


def _shown(run: Run, stages: Stages, samples: NDArray[np.int64], update: int) -> NDArray[np.uint8]:
    """Return what the network sees of the samples in an update, as pixels."""
    run.update, run.epoch = update, update // run.per_epoch
    batch = batch_of(run, stages, samples)
    # A trick may leave images out, double them, or make them smaller.
    shown = torch.zeros(len(samples), *batch.images.shape[1:])
    for i, sample in enumerate(samples):
        for place in np.flatnonzero(batch.samples == sample)[:1]:
            shown[i] = batch.images[place]
    if shown.shape[2:] != run.image_size:
        shown = functional.interpolate(shown, run.image_size)
    return run.pixels(shown)
