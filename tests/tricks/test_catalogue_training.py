"""Rules that every trick keeps inside the training loop."""

import hashlib
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest
import torch

from autotrick import models
from autotrick.data import Dataset
from autotrick.recipe import DataRef, Recipe, Settings, TrialResult
from autotrick.train import Checkpoint, Snapshot, train
from autotrick.tricks import TRICKS, conflict
from tests.cases import case

KINDS = [*TRICKS.values()]
ENDS: dict[str, list[Settings]] = {
    kind.name: [
        {spec.name: end} for spec in kind.settings() if spec.domain for end in spec.domain.ends()
    ]
    for kind in KINDS
}
NEUTRALS: dict[str, list[Settings]] = {
    kind.name: [{spec.name: spec.neutral} for spec in kind.settings() if spec.neutral is not None]
    for kind in KINDS
}


COMPANIONS = {"augmentation_curriculum": ("flip",), "random_order": ("flip", "pad_crop")}
"""What has to be on for a trick to have something to act on."""


VISIBLE: dict[str, Settings] = {
    "constant_warmup": {"length": 0.5},
    "early_stopping": {"patience": 1},
    "ghost_batch_norm": {"size": 4},
    "linear_warmup": {"length": 0.5},
    "plateau_decay": {"patience": 0},
}
"""Settings at which a trick shows in nine updates, where its defaults do not."""


@pytest.fixture(scope="session")
def visible(data: Dataset, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Settings]:
    """Return the settings at which a trick shows: its defaults, unless they do not."""

    @cache
    def settings(name: str) -> Settings:
        if name == "pretrained_start":
            return published(tmp_path_factory.mktemp("published") / "fastnet.pth")
        if name != "shallow_start":
            return VISIBLE.get(name, {})
        folder, saved = tmp_path_factory.mktemp("shallow"), list[Checkpoint]()

        def save(snapshot: Snapshot) -> bool:
            saved.append(snapshot.save(folder))
            return True

        train(recipe({}), data, on_epoch=save)
        return {"checkpoint": str(saved[-1].path), "checksum": saved[-1].checksum[:8]}

    return settings


def published(path: Path) -> Settings:
    """Write weights of the test's network, drawn by another seed, as a library publishes them."""
    settings = recipe({}).architecture_settings
    drawn = models.build("fastnet", settings, classes=4, channels=1, image_size=(16, 16), seed=9)
    torch.save(drawn.state_dict(), path)
    return {"weights": str(path), "checksum": hashlib.sha256(path.read_bytes()).hexdigest()[:8]}


RESIDUAL = {"stochastic_depth", "zero_init_norm"}
"""Tricks that act on residual branches alone."""


COLOURED = {"channel_permutation"}
"""Tricks that leave gray images as they are."""


def coloured(data: Dataset) -> Dataset:
    """Return the same images, with three channels that differ."""
    train, validation = (
        replace(part, images=np.concatenate([part.images, part.images // 2, 255 - part.images], 3))
        for part in (data.train, data.validation)
    )
    mean, std = (np.repeat(x, 3) for x in (data.mean, data.std))
    return replace(data, train=train, validation=validation, mean=mean, std=std)


def recipe(
    tricks: dict[str, Settings], *, epochs: int = 1, architecture: str = "fastnet"
) -> Recipe:
    needed: dict[str, Settings] = {other: {} for name in tricks for other in TRICKS[name].needs}
    if len(tricks) == 1:
        needed |= {other: {} for name in tricks for other in COMPANIONS.get(name, ())}
    return Recipe(
        data=DataRef(name="bright", fingerprint="b" * 16),
        architecture=architecture,
        architecture_settings={"width": 0.25},
        epochs=epochs,
        batch_size=8,
        base_lr=0.5,
        tricks=needed | tricks,
    )


def everything() -> dict[str, Settings]:
    """Return the first tricks of the catalogue that can all be on together."""
    chosen: list[str] = []
    for name in TRICKS:
        if conflict([TRICKS[other] for other in [*chosen, name]]) is None:
            chosen.append(name)
    return {name: {} for name in chosen}


def outcome(asked: Recipe, data: Dataset) -> list[tuple[str, float, float]]:
    """Return weights and losses of every epoch; a recipe is trained once on the same images."""
    key = asked.digest(), data.train.images.shape
    if key not in OUTCOMES:
        OUTCOMES[key] = told(train(asked, data))
    return OUTCOMES[key]


OUTCOMES: dict[tuple[str, tuple[int, ...]], list[tuple[str, float, float]]] = {}


def told(result: TrialResult) -> list[tuple[str, float, float]]:
    return [(report.weights, report.loss, report.train_loss) for report in result.reports]


def shown_by(name: str, settings: Settings, data: Dataset) -> tuple[Recipe, Dataset]:
    """Return a recipe of three epochs with the trick on, and images on which it acts."""
    architecture = "resnet20" if name in RESIDUAL else "fastnet"
    asked = recipe({name: settings}, epochs=3, architecture=architecture)
    return asked, coloured(data) if name in COLOURED else data


def interrupted(asked: Recipe, data: Dataset, folder: Path) -> TrialResult:
    """Train one epoch, save, and go on in a new run until the end."""

    def save(snapshot: Snapshot) -> bool:
        snapshot.save(folder)
        return False

    train(asked, data, on_epoch=save)
    return train(asked, data, resume_from=folder)


@pytest.mark.parametrize("name", [name for name in TRICKS if ENDS[name]])
def test_every_end_of_every_domain_trains(data: Dataset, name: str) -> None:
    for settings in ENDS[name]:
        with case(settings):
            result = train(recipe({name: settings}), data)

            assert np.isfinite([result.reports[-1].train_loss, result.reports[-1].loss]).all()


@pytest.mark.parametrize("name", [name for name in TRICKS if NEUTRALS[name]])
def test_neutral_gives_the_weights_of_off(data: Dataset, name: str) -> None:
    without: dict[str, Settings] = {other: {} for other in COMPANIONS.get(name, ())}

    for settings in NEUTRALS[name]:
        with case(settings):
            assert outcome(recipe({name: settings}), data) == outcome(recipe(without), data)


@pytest.mark.parametrize("name", TRICKS)
def test_on_gives_another_result_than_off(
    data: Dataset, visible: Callable[[str], Settings], name: str
) -> None:
    asked, images = shown_by(name, visible(name), data)
    without: dict[str, Settings] = {other: {} for other in COMPANIONS.get(name, ())}
    off = recipe(without, epochs=asked.epochs, architecture=asked.architecture)

    assert outcome(asked, images) != outcome(off, images)


@pytest.mark.parametrize("name", TRICKS)
def test_resumed_equals_uninterrupted(
    data: Dataset, visible: Callable[[str], Settings], tmp_path: Path, name: str
) -> None:
    asked, images = shown_by(name, visible(name), data)

    assert told(interrupted(asked, images, tmp_path)) == outcome(asked, images)


def test_everything_together_resumed_equals_uninterrupted(data: Dataset, tmp_path: Path) -> None:
    asked = recipe(everything(), epochs=3)

    assert told(interrupted(asked, data, tmp_path)) == outcome(asked, data)
