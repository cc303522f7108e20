"""Small images and runs for contract tests: a training takes milliseconds."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch

from autotrick.data import Dataset, Split
from autotrick.recipe import DataRef, Recipe, Settings, TrialResult
from autotrick.train import Snapshot, train
from autotrick.tricks import Run

Outcome = list[tuple[str, float, float]]
"""Digest of the weights, validation loss and training loss of each epoch."""


def expect(condition: bool, sentence: str) -> None:
    """Raise AssertionError with a sentence unless a condition holds.

    Raises:
        AssertionError: It does not.
    """
    if not condition:
        raise AssertionError(sentence)


def small_data(*, coloured: bool = False) -> Dataset:
    """Return 24 + 8 images of 16 pixels in four classes, each with a brightness of its own.

    Args:
        coloured: Whether they have three channels that differ.
    """
    training = _split(24)
    scaled = training.images / 255
    mean, std = (np.array([x], np.float32) for x in (scaled.mean(), scaled.std()))
    validation = _split(8)
    data = Dataset("bright", "b" * 16, tuple("abcd"), training, validation, None, mean, std, True)
    return _coloured(data) if coloured else data


def _split(count: int) -> Split:
    labels = np.arange(count, dtype=np.int64) % 5 % 4  # class 0 is twice as frequent
    noise = np.random.default_rng(count).integers(0, 100, (count, 16, 16, 1))
    return Split((noise + 40 * labels[:, None, None, None]).astype(np.uint8), labels)


def _coloured(data: Dataset) -> Dataset:
    train_split, validation = (
        replace(part, images=np.concatenate([part.images, part.images // 2, 255 - part.images], 3))
        for part in (data.train, data.validation)
    )
    mean, std = (np.repeat(x, 3) for x in (data.mean, data.std))
    return replace(data, train=train_split, validation=validation, mean=mean, std=std)


def small_run(
    *,
    seed: int = 0,
    update: int = 0,
    updates: int = 100,
    channels: int = 3,
    size: tuple[int, int] = (8, 8),
    classes: int = 10,
) -> Run:
    """Return a run without a network, as stages of tricks get it."""
    recipe = Recipe(
        data=DataRef(name="digits"),
        architecture="lenet5",
        epochs=10,
        batch_size=8,
        base_lr=0.1,
        seed=seed,
    )
    run = Run(
        recipe=recipe,
        classes=classes,
        channels=channels,
        image_size=size,
        mean=np.linspace(0.2, 0.6, channels, dtype=np.float32),
        std=np.linspace(0.1, 0.3, channels, dtype=np.float32),
        updates=updates,
        per_epoch=updates // 10,
        device=torch.device("cpu"),
        update=update,
    )
    noise = np.random.default_rng(9)
    run.images = noise.integers(0, 256, (20, *size, channels), dtype=np.uint8)
    run.labels = np.arange(20, dtype=np.int64) % classes
    return run


def small_recipe(
    tricks: Mapping[str, Settings],
    *,
    epochs: int = 1,
    architecture: str = "fastnet",
    settings: Settings | None = None,
) -> Recipe:
    """Return a recipe for `small_data`."""
    return Recipe(
        data=DataRef(name="bright", fingerprint="b" * 16),
        architecture=architecture,
        architecture_settings={"width": 0.25} if settings is None else settings,
        epochs=epochs,
        batch_size=8,
        base_lr=0.5,
        tricks=dict(tricks),
    )


def outcome_of(result: TrialResult) -> Outcome:
    """Return what two trainings are compared by."""
    return [(report.weights, report.loss, report.train_loss) for report in result.reports]


def interrupted(asked: Recipe, data: Dataset, folder: Path) -> TrialResult:
    """Train one epoch, save, and go on in a new run until the end."""

    def save(snapshot: Snapshot) -> bool:
        snapshot.save(folder)
        return False

    train(asked, data, on_epoch=save)
    return train(asked, data, resume_from=folder)
