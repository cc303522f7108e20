"""Two hundred real digits, recipes that train on them in a blink, and tricks that look on."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from sklearn.datasets import load_digits

from autotrick.data import Dataset, Split
from autotrick.recipe import DataRef, Recipe
from autotrick.tricks import TRICKS, Trick

MakeRecipe = Callable[..., Recipe]
SwitchOn = Callable[[type[Trick]], None]

MANY: dict[str, dict[str, Any]] = {
    "linear_warmup": {},
    "cosine_decay": {},
    "label_smoothing": {},
    "mixup": {"alpha": 0.4},
    "cutout": {},
    "ema": {"half_life": 0.05},
    "no_norm_decay": {},
    "pad_crop": {},
}
"""Tricks that act at every stage; none that compiles kernels first."""


@pytest.fixture(scope="session")
def digits() -> Dataset:
    """128 training images of 16x16 pixels, 64 for validation; all ten classes in both."""
    images, labels = load_digits(return_X_y=True)
    small = (images * (255 / 16)).round().astype(np.uint8).reshape(-1, 8, 8, 1)
    pixels = small.repeat(2, axis=1).repeat(2, axis=2)
    training = Split(pixels[:128], labels[:128].astype(np.int64))
    validation = Split(pixels[128:192], labels[128:192].astype(np.int64))
    scaled = training.images / 255
    mean, std = (np.array([x], np.float32) for x in (scaled.mean(), scaled.std()))
    classes = tuple("0123456789")
    return Dataset("digits", "d" * 16, classes, training, validation, None, mean, std)


@pytest.fixture(scope="session")
def make_recipe() -> MakeRecipe:
    """Return a function that makes a recipe for `digits`; keywords replace its fields."""

    def make(**changes: Any) -> Recipe:
        fields: dict[str, Any] = {
            "data": DataRef(name="digits", fingerprint="d" * 16),
            "architecture": "fastnet",
            "architecture_settings": {"width": 0.25},
            "epochs": 3,
            "batch_size": 32,
            "base_lr": 0.5,
        }
        return Recipe(**fields | changes)

    return make


@pytest.fixture(scope="session")
def many() -> dict[str, dict[str, Any]]:
    """Tricks that act at every stage, all together."""
    return MANY


@pytest.fixture
def switch_on(monkeypatch: pytest.MonkeyPatch) -> SwitchOn:
    """Return a function that puts a trick of a test into the catalogue."""

    def register(trick: type[Trick]) -> None:
        monkeypatch.setitem(TRICKS, trick.name, trick)

    return register
