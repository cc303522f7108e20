"""Compute what a recipe costs before training it.

Costs are measured on the network at the start of training. They depend on few parts of a recipe,
which `shape` and `predicting` identify, so that one measurement serves all recipes that share them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import torch

from autotrick.data import Dataset
from autotrick.recipe import Recipe, Settings, digest_of
from autotrick.space import SearchSpace
from autotrick.train.measure import latency_ms, multiply_adds
from autotrick.train.numerics import numerics
from autotrick.train.prepare import Stages, prepare
from autotrick.train.snapshot import Snapshot
from autotrick.tricks import Run, assemble

_BUILDING = ("on_model", "input_size", "on_groups")
"List the stages where a trick changes the network, its images or what is trained."

_PREDICTING = (*_BUILDING, "on_predict")
"List the stages where a trick changes the prediction time; a weight average takes as long as one."

_OCCUPYING = (
    *("on_order", "accumulate", "on_batch", "on_loss", "on_gradient", "make_optimizer"),
    *("after_step", "model_for_evaluation", "on_predict", "on_start"),
)
"List the stages where a trick may allocate further weights, gradients or images."


def counts(recipe: Recipe, data: Dataset) -> dict[str, float]:
    """Return the `parameters` and `multiply_adds` that a trial of the recipe would have.

    Raises:
        RecipeError: The recipe breaks a rule.
        TrainingError: The data set is not the one that the recipe names, or memory ran out.
    """
    with _begun(recipe, data, "cpu") as (run, stages):
        parameters = Snapshot(recipe, run, stages, data, []).parameters
        return {"parameters": parameters, "multiply_adds": multiply_adds(run)}


def latency(recipe: Recipe, data: Dataset, device: str) -> dict[str, float]:
    """Return `latency_ms` of the recipe's untrained network on this machine.

    Raises:
        RecipeError: The recipe breaks a rule.
        ResourceError: The device is not available.
        TrainingError: The data set is not the one that the recipe names, or memory ran out.
    """
    with _begun(recipe, data, device) as (run, stages):
        return {"latency_ms": latency_ms(run, stages, run.model, data.validation)}


def try_smallest(space: SearchSpace, data: Dataset) -> None:
    """Build each architecture of a space with smaller early images and run one through it.

    Raises:
        RecipeError: An architecture cannot take them.
    """
    for name in space.architectures:
        recipe = Recipe(
            data=space.data,
            architecture=name,
            epochs=space.most("epochs"),
            batch_size=1,
            base_lr=1,
            fidelity=space.fidelity,
        )
        with _begun(recipe, data, "cpu"):
            pass


@contextmanager
def _begun(recipe: Recipe, data: Dataset, device: str) -> Iterator[tuple[Run, Stages]]:
    # Compiling takes longer than counting.
    first = recipe.at(0).model_copy(update={"compiled": False})
    with numerics(first, device):
        stages = Stages(assemble(first))
        run = prepare(first, data, stages, torch.device(device), left={})
        run.epoch = recipe.epochs - 1
        yield run, stages


def shape(recipe: Recipe) -> str:
    """Return 16 hex digits that identify everything in a recipe that determines its counts."""
    return digest_of(_deciding(recipe, _BUILDING))


def predicting(recipe: Recipe) -> str:
    """Return 16 hex digits that identify everything in a recipe that determines its latency."""
    numeric = recipe.model_dump(mode="json", include={"threads", "precision", "channels_last"})
    return digest_of(_deciding(recipe, _PREDICTING) | numeric)


def occupying(recipe: Recipe) -> str:
    """Return 16 hex digits that identify everything that determines a training's memory use.

    For tricks that do not change the network, only integers, strings and booleans count: a rate or a
    probability does not change any size.
    """
    names = ("batch_size", "accumulation", "precision", "channels_last")
    numeric = recipe.model_dump(mode="json", include=set(names))
    keeping = {
        name: {key: value for key, value in settings.items() if not isinstance(value, float)}
        for name, settings in _acting(recipe, _OCCUPYING).items()
    }
    return digest_of(_deciding(recipe, _BUILDING) | numeric | {"keeping": keeping})


def _deciding(recipe: Recipe, acting: Sequence[str]) -> dict[str, object]:
    """Return data, architecture, and the tricks that use any of the stages."""
    return {
        "data": recipe.data.model_dump(mode="json"),
        "architecture": recipe.architecture,
        "settings": dict(recipe.architecture_settings),
        "tricks": _acting(recipe, acting),
    }


def _acting(recipe: Recipe, acting: Sequence[str]) -> dict[str, Settings]:
    """Return the tricks that use any of the stages, with their settings."""
    first = recipe.at(0)
    stages = Stages(assemble(first))
    names = {trick.name for stage in acting for trick in getattr(stages, stage)}
    return {name: first.tricks[name] for name in sorted(names)}
