"""Rules that every trick keeps inside the training loop."""

import hashlib
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest
import torch

from autotrick import models
from autotrick.data import Dataset
from autotrick.recipe import Settings
from autotrick.testing.small import interrupted, outcome_of, small_recipe
from autotrick.testing.tricks import (
    TrickCase,
    check_effect,
    check_ends,
    check_neutral,
    check_resume,
    ends,
    neutrals,
)
from autotrick.train import Checkpoint, Snapshot, train
from autotrick.tricks import TRICKS, conflict

ENDS = [name for name, kind in TRICKS.items() if ends(kind)]
NEUTRALS = [name for name, kind in TRICKS.items() if neutrals(kind)]

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

        train(small_recipe({}), data, on_epoch=save)
        return {"checkpoint": str(saved[-1].path), "checksum": saved[-1].checksum[:8]}

    return settings


def published(path: Path) -> Settings:
    """Write weights of the test's network, drawn by another seed, as a library publishes them."""
    settings = small_recipe({}).architecture_settings
    drawn = models.build("fastnet", settings, classes=4, channels=1, image_size=(16, 16), seed=9)
    torch.save(drawn.state_dict(), path)
    return {"weights": str(path), "checksum": hashlib.sha256(path.read_bytes()).hexdigest()[:8]}


RESIDUAL = {"stochastic_depth", "zero_init_norm"}
"""Tricks that act on residual branches alone."""


COLOURED = {"channel_permutation"}
"""Tricks that leave gray images as they are."""


def trick_case(name: str, settings: Settings | None = None) -> TrickCase:
    """Return a trick in circumstances in which it shows."""
    return TrickCase(
        TRICKS[name],
        settings or {},
        beside=COMPANIONS.get(name, ()),
        architecture="resnet20" if name in RESIDUAL else "fastnet",
        coloured=name in COLOURED,
    )


def everything() -> dict[str, Settings]:
    """Return the first tricks of the catalogue that can all be on together."""
    chosen: list[str] = []
    for name in TRICKS:
        if conflict([TRICKS[other] for other in [*chosen, name]]) is None:
            chosen.append(name)
    return {name: {} for name in chosen}


@pytest.mark.parametrize("name", ENDS)
def test_every_end_of_every_domain_trains(name: str) -> None:
    check_ends(replace(trick_case(name), architecture="fastnet", coloured=False))


@pytest.mark.parametrize("name", NEUTRALS)
def test_neutral_gives_the_weights_of_off(name: str) -> None:
    check_neutral(replace(trick_case(name), architecture="fastnet", coloured=False))


@pytest.mark.parametrize("name", TRICKS)
def test_on_gives_another_result_than_off(visible: Callable[[str], Settings], name: str) -> None:
    check_effect(trick_case(name, visible(name)))


@pytest.mark.parametrize("name", TRICKS)
def test_resumed_equals_uninterrupted(
    visible: Callable[[str], Settings], tmp_path: Path, name: str
) -> None:
    check_resume(trick_case(name, visible(name)), tmp_path)


def test_everything_together_resumed_equals_uninterrupted(data: Dataset, tmp_path: Path) -> None:
    asked = small_recipe(everything(), epochs=3)

    assert outcome_of(interrupted(asked, data, tmp_path)) == outcome_of(train(asked, data))
