"""What a recipe costs, known before it is trained.

It is measured on the network that training would begin with. It depends on few parts of a recipe,
which `shape` and `predicting` name, so that one measurement serves all recipes that share them.
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
"""Stages where a trick changes the network, its images or what is trained."""

_PREDICTING = (*_BUILDING, "on_predict")
"""Those where it changes how long a prediction takes; an average of weights takes as long as one."""

_OCCUPYING = (
    *("on_order", "accumulate", "on_batch", "on_loss", "on_gradient", "make_optimizer"),
    *("after_step", "model_for_evaluation", "on_predict", "on_start"),
)
"""Those where it may keep weights, gradients or images that there would not be without it."""


def counts(recipe: Recipe, data: Dataset) -> dict[str, float]:
    """Return `parameters` and `multiply_adds` as a trial of the recipe would have them.

    Raises:
        RecipeError: The recipe breaks a rule.
        TrainingError: The data set is not the one that the recipe names, or memory ran out.
    """
    with _begun(recipe, data, "cpu") as (run, stages):
        parameters = Snapshot(recipe, run, stages, data, []).parameters
        return {"parameters": parameters, "multiply_adds": multiply_adds(run)}


def latency(recipe: Recipe, data: Dataset, device: str) -> dict[str, float]:
    """Return `latency_ms` of the recipe's network as it is before training, on this machine.

    Raises:
        RecipeError: The recipe breaks a rule.
        ResourceError: The device is not there.
        TrainingError: The data set is not the one that the recipe names, or memory ran out.
    """
    with _begun(recipe, data, device) as (run, stages):
        return {"latency_ms": latency_ms(run, stages, run.model, data.validation)}


def try_smallest(space: SearchSpace, data: Dataset) -> None:
    """Build every architecture of a space whose first rungs see smaller images, and let it see them.

    Raises:
        RecipeError: One does not take them.
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
    # To compile takes longer than to count.
    first = recipe.at(0).model_copy(update={"compiled": False})
    with numerics(first, device):
        stages = Stages(assemble(first))
        run = prepare(first, data, stages, torch.device(device))
        run.epoch = recipe.epochs - 1
        yield run, stages


def shape(recipe: Recipe) -> str:
    """Return 16 hex digits that name all of a recipe that decides its counts."""
    return digest_of(_deciding(recipe, _BUILDING))


def predicting(recipe: Recipe) -> str:
    """Return 16 hex digits that name all of a recipe that decides its latency."""
    numeric = recipe.model_dump(mode="json", include={"threads", "precision", "channels_last"})
    return digest_of(_deciding(recipe, _PREDICTING) | numeric)


def occupying(recipe: Recipe) -> str:
    """Return 16 hex digits that name what decides how much memory a training takes.

    Of tricks that do not change the network their settings matter as far as they are whole numbers,
    words or switches: a rate or a chance changes no size.
    """
    names = ("batch_size", "accumulation", "precision", "channels_last")
    numeric = recipe.model_dump(mode="json", include=set(names))
    keeping = {
        name: {key: value for key, value in settings.items() if not isinstance(value, float)}
        for name, settings in _acting(recipe, _OCCUPYING).items()
    }
    return digest_of(_deciding(recipe, _BUILDING) | numeric | {"keeping": keeping})


def _deciding(recipe: Recipe, acting: Sequence[str]) -> dict[str, object]:
    """Return data, architecture, and the tricks that act at some stages."""
    return {
        "data": recipe.data.model_dump(mode="json"),
        "architecture": recipe.architecture,
        "settings": dict(recipe.architecture_settings),
        "tricks": _acting(recipe, acting),
    }


def _acting(recipe: Recipe, acting: Sequence[str]) -> dict[str, Settings]:
    """Return the tricks that act at some stages, with their settings."""
    first = recipe.at(0)
    stages = Stages(assemble(first))
    names = {trick.name for stage in acting for trick in getattr(stages, stage)}
    return {name: first.tricks[name] for name in sorted(names)}
