"""What a recipe costs, known before it is trained.

Weights and multiply-adds are counted on the network that training would begin with. They depend on
few parts of a recipe, which `shape` names, so that one count serves all recipes that share them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch

from autotrick.data import Dataset
from autotrick.recipe import Recipe, digest_of
from autotrick.train.measure import multiply_adds
from autotrick.train.numerics import numerics
from autotrick.train.setup import Stages, prepare
from autotrick.train.snapshot import Snapshot
from autotrick.tricks import assemble

_BUILDING = ("on_model", "input_size", "on_groups")
"""Stages where a trick changes the network, its images or what is trained."""


def counts(recipe: Recipe, data: Dataset) -> dict[str, float]:
    """Return `parameters` and `multiply_adds` as a trial of the recipe would have them.

    Raises:
        RecipeError: The recipe breaks a rule.
        TrainingError: The data set is not the one that the recipe names, or memory ran out.
    """
    with numerics(recipe, "cpu"):
        stages = Stages(assemble(recipe.at(0)))
        run = prepare(recipe.at(0), data, stages, torch.device("cpu"))
        parameters = Snapshot(recipe, run, stages, data, []).parameters
        return {"parameters": parameters, "multiply_adds": multiply_adds(run)}


def shape(recipe: Recipe) -> str:
    """Return 16 hex digits that name all of a recipe that decides its counts."""
    return digest_of(shaping(recipe))


def shaping(recipe: Recipe) -> dict[str, Any]:
    """Return what decides the network: data, architecture, and the tricks that change it."""
    stages = Stages(assemble(recipe.at(0)))
    names = {trick.name for stage in _BUILDING for trick in getattr(stages, stage)}
    tricks: Mapping[str, Any] = recipe.at(0).tricks
    return {
        "data": recipe.data.model_dump(mode="json"),
        "architecture": recipe.architecture,
        "settings": dict(recipe.architecture_settings),
        "tricks": {name: tricks[name] for name in sorted(names)},
    }
