"""From a recipe to a run that is ready for its first update."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from copy import copy
from itertools import accumulate
from math import prod
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from autotrick import models, tasks
from autotrick.data import Dataset
from autotrick.errors import RecipeError, TrainingError
from autotrick.own_code import registry
from autotrick.random_streams import Stream
from autotrick.recipe import Recipe
from autotrick.train import checkpoint, fidelity
from autotrick.tricks import Group, Run, Trick, assemble, why_not_pretrained
from autotrick.tricks.declare import expect_checksum
from autotrick.tricks.freezing import frozen_weights


class Stages:
    """For each stage, the tricks that act there: those whose class overrides it."""

    def __init__(self, tricks: list[Trick]) -> None:
        self._tricks = tricks
        self._acting: dict[str, list[Trick]] = {}

    def __getattr__(self, stage: str) -> list[Trick]:
        if stage.startswith("_"):  # copying asks for special methods before there are tricks
            raise AttributeError(stage)
        if stage not in self._acting:
            plain = getattr(Trick, stage)
            self._acting[stage] = [t for t in self._tricks if getattr(type(t), stage) is not plain]
        return self._acting[stage]


def prepare(
    recipe: Recipe,
    data: Dataset,
    stages: Stages,
    device: torch.device,
    *,
    left: Mapping[str, Any] | None = None,
) -> Run:
    """Build the network, the parameter groups and the optimizer.

    Args:
        left: The content of a checkpoint that will replace the weights, or an empty one if none is
            needed: then pretrained weights are not loaded, and need not be on this machine.

    Raises:
        RecipeError: A name or a setting is unknown, or pretrained weights are others.
        ResourceError: Pretrained weights are not on this machine and cannot be fetched.
        TrainingError: The data set is not the one that the recipe names.
    """
    registry.check(recipe.code)
    if recipe.data.fingerprint not in ("", data.fingerprint):
        message = (
            f"the recipe needs data {recipe.data.fingerprint}, but {data.name} is "
            f"{data.fingerprint}. Give the data set that the study was made with."
        )
        raise TrainingError(message, reason="wrong_data")
    task = tasks.find(recipe.task)
    if task.name != data.task:
        message = (
            f"the recipe is for {task.name}, and the targets of {data.name} are those of {data.task}. "
            "Give the data set that the study was made with."
        )
        raise TrainingError(message, reason="wrong_data")
    height, width, channels = data.train.images.shape[1:]
    run = Run(
        recipe=recipe,
        classes=task.outputs(len(data.classes)),
        task=task,
        channels=channels,
        image_size=size_seen((height, width), stages),
        mean=data.mean,
        std=data.std,
        updates=0,
        per_epoch=0,
        device=device,
    )
    run.statistics = data.mean, data.std
    _normalise(run, left)
    run.images, run.labels = data.train.images, data.train.labels
    run.masks = data.train.labels if task.spatial else None
    run.network = lambda path, checksum: network(Path(path), checksum, run)
    _count(run, stages)
    run.warmup = sum(
        trick.warmup_updates(run.updates, run.per_epoch) for trick in stages.warmup_updates
    )
    run.model = _model(run, stages, pretrained_weights=left is None)
    if frozen := frozen_weights(run.model):
        run.notes["frozen_weights"] = frozen
    fidelity.check(run)
    run.optimizer = _optimizer(run, stages)
    for trick in stages.on_start:
        trick.on_start(run)
    return run


def _normalise(run: Run, left: Mapping[str, Any] | None) -> None:
    """Set the normalisation: what pretrained weights expect, or else that of the data set.

    Args:
        left: The content of a checkpoint, which holds it; None to ask the weights.

    Raises:
        RecipeError: A trick of the recipe sets the initial weights too.
    """
    recipe = run.recipe
    mean, std = (part.tolist() for part in run.statistics)
    if models.pretrained_setting(recipe.architecture, recipe.architecture_settings):
        for trick in recipe.tricks:
            if (why := why_not_pretrained(trick)) is not None:
                raise RecipeError(f"{recipe.architecture} is pretrained, and {why}. Leave out one.")
        if left is not None:
            mean, std = left.get("normalisation", (mean, std))
        elif expected := models.normalisation(
            recipe.architecture, recipe.architecture_settings, run.channels
        ):
            mean, std = list(expected.mean), list(expected.std)
    run.normalise_by(mean, std)


def size_seen(size: tuple[int, int], stages: Stages) -> tuple[int, int]:
    """Return height and width of the images that the network gets."""
    for trick in stages.input_size:
        size = trick.input_size(size)
    return size


def _count(run: Run, stages: Stages) -> None:
    """Set how many updates the epochs have."""
    recipe = run.recipe
    windows = [window_of(epoch, recipe, stages) for epoch in range(recipe.epochs)]
    # Epochs that see the same share have as many samples.
    batches: dict[float, int] = {}
    counts = []
    for run.epoch, window in enumerate(windows):
        share = recipe.share("data", run.epoch)
        if share not in batches:
            batches[share] = max(1, len(order(run, stages)) // recipe.batch_size)
        counts.append(-(-batches[share] // window))
    run.epoch = 0
    run.starts = (0, *accumulate(counts))
    run.per_epoch, run.updates, run.window = run.starts[1], run.starts[-1], max(windows)


def window_of(epoch: int, recipe: Recipe, stages: Stages) -> int:
    """Return how many batches an update of the epoch sums up."""
    factors = [trick.accumulate(epoch, recipe.epochs) for trick in stages.accumulate]
    return recipe.accumulation * prod(factors)


def order(run: Run, stages: Stages) -> NDArray[np.int64]:
    """Return the samples that the run's current epoch visits, in order."""
    samples: NDArray[np.int64] = (
        run.stream("order").generator(run.epoch).permutation(len(run.labels))
    )
    samples = fidelity.kept(run, samples)
    for trick in stages.on_order:
        samples = trick.on_order(samples, run)
    if not len(samples):
        raise TrainingError(
            f"no image is left in epoch {run.epoch + 1}: the first rungs see "
            f"{run.recipe.share('data', run.epoch):.2g} of them, and tricks leave out the rest. "
            "Raise pruning.first, or leave these tricks out.",
            reason="no_images",
        )
    return samples


def _model(run: Run, stages: Stages, *, pretrained_weights: bool) -> nn.Module:
    model = _structure(run, stages.on_model, pretrained_weights=pretrained_weights)
    if run.recipe.compiled:
        model.compile()
    return model


def _structure(run: Run, tricks: Iterable[Trick], *, pretrained_weights: bool) -> nn.Module:
    recipe = run.recipe
    model = models.build(
        recipe.architecture,
        recipe.architecture_settings,
        classes=run.classes,
        channels=run.channels,
        image_size=run.image_size,
        seed=Stream(recipe.seed, "initial weights").torch_seed(),
        pretrained_weights=pretrained_weights,
    )
    for trick in tricks:
        model = trick.on_model(model, run)
    layout = torch.channels_last if recipe.channels_last else torch.contiguous_format
    return model.to(run.device).to(memory_format=layout)


def untrained(run: Run, stages: Stages) -> nn.Module:
    """Return a network of the recipe's structure, whose weights a checkpoint replaces.

    Tricks that change weights alone are left out: they may want files and images that are gone. The
    network is not compiled.
    """
    tricks = [trick for trick in stages.on_model if not trick.only_weights]
    return _structure(run, tricks, pretrained_weights=False)


def network_for_evaluation(run: Run, stages: Stages) -> nn.Module:
    """Return the network that a prediction would use, such as an average of weights."""
    model = run.model
    for trick in stages.model_for_evaluation:
        model = trick.model_for_evaluation(model, run)
    return model


def _optimizer(run: Run, stages: Stages) -> torch.optim.Optimizer:
    recipe = run.recipe
    named = [(name, p) for name, p in run.model.named_parameters() if p.requires_grad]
    own = [trick.base_decay() for trick in stages.base_decay]
    decay = next((decay for decay in own if decay is not None), recipe.weight_decay)
    everything = Group([n for n, _ in named], [p for _, p in named], decay)
    groups = [everything]
    for trick in stages.on_groups:
        groups = trick.on_groups(groups, run)
    plain: list[dict[str, Any]] = [
        {
            "params": group.parameters,
            "lr": recipe.lr * group.lr_scale,
            "peak": recipe.lr * group.lr_scale,
            "scale": group.lr_scale,
            "weight_decay": group.weight_decay,
        }
        for group in groups
        if group.parameters
    ]
    for trick in stages.make_optimizer:
        optimizer = trick.make_optimizer(plain, run)
        if optimizer is not None:
            return optimizer
    return torch.optim.SGD(
        plain, lr=recipe.lr, momentum=recipe.momentum, nesterov=recipe.momentum > 0
    )


def network(path: Path, checksum: str, run: Run) -> nn.Module:
    """Return the network that a checkpoint would predict with, for the same data as this run's.

    Averages of weights are used where its recipe keeps them; tricks that act on predictions are not.
    Of images that are larger than those that it was trained on it sees the middle.

    Args:
        checksum: The first digits of the file's checksum, in hex.

    Raises:
        RecipeError: The file has another checksum, or was trained on other data.
        TrainingError: The file is missing or damaged.
    """
    seen, model = restored(path, checksum, run)
    if not seen.normalises_like(run):
        model.register_forward_pre_hook(
            lambda _, inputs: (seen.renormalised(inputs[0], run), *inputs[1:]), prepend=True
        )
    if seen.image_size != run.images.shape[1:3]:
        # Before what other tricks do to the network's input.
        model.register_forward_pre_hook(
            lambda _, inputs: (seen.middle(inputs[0]), *inputs[1:]), prepend=True
        )
    return model


def restored(path: Path, checksum: str, run: Run) -> tuple[Run, nn.Module]:
    """Return the run of a checkpoint after its last epoch, and the network that it was evaluated with.

    Averages of weights are used where its recipe keeps them.

    Args:
        run: On the same data; of another recipe, or of none.
        checksum: The first digits of the file's checksum, in hex.

    Raises:
        RecipeError: The file has another checksum, or was trained on other data.
        TrainingError: The file is missing or damaged.
    """
    content = checkpoint.load(path, run.device)
    expect_checksum(path, checkpoint.checksum(path), checksum)
    # By the recipe of its last epoch: a leg of the course may begin after it.
    epoch = len(content["reports"]) - 1
    recipe = checkpoint.recipe_of(content, path).at(epoch)
    fingerprint = recipe.data.fingerprint
    if fingerprint not in ("", run.recipe.data.fingerprint):
        message = (
            f"{path} was trained on data {fingerprint}, and this trial is on "
            f"{run.recipe.data.fingerprint}. Give a checkpoint of the same data."
        )
        raise RecipeError(message)
    stages = Stages(assemble(recipe))
    other = copy(run)
    other.recipe, other.state, other.epoch = recipe, content["tricks"], epoch
    other.image_size = size_seen((run.images.shape[1], run.images.shape[2]), stages)
    other.scratch, other.notes, other.metrics = {}, {}, {}
    _normalise(other, content)
    other.model = untrained(other, stages)
    if recipe.compiled:
        other.model.compile()
    other.model.load_state_dict(content["model"])
    model = network_for_evaluation(other, stages)
    return other, model.eval().requires_grad_(False)
