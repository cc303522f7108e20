"""What a recipe does to real images, as pixels that one can look at."""

from __future__ import annotations

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
            run.update = draw * (run.updates - 1) // max(1, draws - 1)
            run.epoch = run.update // run.per_epoch
            batch = batch_of(run, stages, samples)
            rows[f"in update {run.update + 1}"] = _pixels(run, _fitted(batch.images, rows))
    return rows


def _fitted(images: torch.Tensor, rows: dict[str, NDArray[np.uint8]]) -> torch.Tensor:
    """Return as many images as there are originals, and as large."""
    count, height, width = rows["as they are"].shape[:3]
    if images.shape[2:] == (height, width):
        return images[:count]
    return functional.interpolate(images[:count], (height, width))


def _pixels(run: Run, images: torch.Tensor) -> NDArray[np.uint8]:
    """Undo the normalisation of (N, C, H, W) floats."""
    floats = images.permute(0, 2, 3, 1).numpy() * run.std + run.mean
    pixels: NDArray[np.uint8] = np.clip(np.rint(255 * floats), 0, 255).astype(np.uint8)
    return pixels
