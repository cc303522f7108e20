"""Continue a training from the state after its earlier epochs."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch

from autotrick.checkpoint_names import SUFFIX
from autotrick.data import Dataset
from autotrick.errors import RecipeError, TrainingError
from autotrick.models import pretrained_setting
from autotrick.recipe import Recipe
from autotrick.train import checkpoint
from autotrick.train.prepare import Stages, prepare
from autotrick.tricks import Run, assemble


def begin(
    recipe: Recipe, epochs: int, data: Dataset, device: str, left: Mapping[str, Any] | None
) -> tuple[Run, Stages]:
    """Return the run restored to its state after this many epochs.

    Raises:
        RecipeError: The course changes something that cannot change during training.
    """
    now = recipe.at(epochs)
    stages = Stages(assemble(now))
    run = prepare(now, data, stages, torch.device(device), left=left)
    run.epoch = max(0, epochs - 1)
    if left:
        options = [_options(group) for group in run.optimizer.param_groups]
        run.model.load_state_dict(left["model"])
        _expect_groups(left["optimizer"], run)
        run.optimizer.load_state_dict(left["optimizer"])
        run.state = left["tricks"]
        if any(leg.after == epochs for leg in recipe.course):
            for group, fresh in zip(run.optimizer.param_groups, options, strict=True):
                group.update(fresh)
    return run, stages


def _expect_groups(left: Mapping[str, Any], run: Run) -> None:
    """Raise RecipeError if a leg changes which weights share settings.

    Raises:
        RecipeError: The parameter groups differ.
    """
    before = [len(group["params"]) for group in left["param_groups"]]
    if before != [len(group["params"]) for group in run.optimizer.param_groups]:
        raise RecipeError(
            f"after epoch {run.epoch + 1}, a leg of the course changes which weights share a rate or a "
            "decay, which is not possible. Keep that trick's setting away from its neutral value."
        )


def _options(group: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in group.items() if name != "params"}


def state_of(run: Run) -> dict[str, Any]:
    """Return everything besides the recipe that determines how the run continues."""
    found: dict[str, Any] = {
        "model": run.model.state_dict(),
        "optimizer": run.optimizer.state_dict(),
        "tricks": run.state,
    }
    recipe = run.recipe
    if pretrained_setting(recipe.architecture, recipe.architecture_settings):
        # Whoever predicts with the checkpoint may not have the weights' file, which says it.
        found["normalisation"] = [run.mean.tolist(), run.std.tolist()]
    return found


def content_of(recipe: Recipe, path: Path, device: str) -> dict[str, Any] | None:
    """Return the content of a checkpoint file or of a folder's newest one; None if there is none."""
    if path.suffix == SUFFIX:
        content = checkpoint.load(path, torch.device(device))
    elif found := checkpoint.newest(path, torch.device(device)):
        path, content = found
    else:
        return None
    epochs = len(content["reports"])
    if content["recipe"] != recipe.digest() and (
        not recipe.course
        or checkpoint.recipe_of(content, path).until(epochs) != recipe.until(epochs)
    ):
        message = f"the checkpoint {path} belongs to another recipe. Resume each trial from its own checkpoint."
        raise TrainingError(message, reason="wrong_checkpoint")
    return content
