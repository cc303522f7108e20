"""A run and batches small enough to count by hand; real parts, no loop around them."""

from collections.abc import Callable

import numpy as np
import pytest
import torch

from autotrick.data import Dataset, Split
from autotrick.recipe import DataRef, Recipe
from autotrick.tricks import Batch, Run

MakeRun = Callable[..., Run]
MakeBatch = Callable[..., Batch]


@pytest.fixture
def make_run() -> MakeRun:
    """Return a function that makes a run: seed, update, updates, channels, side, classes."""

    def make(
        *,
        seed: int = 0,
        update: int = 0,
        updates: int = 100,
        channels: int = 3,
        size: tuple[int, int] = (8, 8),
        classes: int = 10,
    ) -> Run:
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

    return make


@pytest.fixture
def make_batch() -> MakeBatch:
    """Return a function that makes a batch of normal noise, with a label for every image."""

    def make(
        count: int = 4, *, channels: int = 3, size: tuple[int, int] = (8, 8), classes: int = 10
    ) -> Batch:
        images = torch.randn((count, channels, *size), generator=torch.Generator().manual_seed(1))
        labels = torch.arange(count) % classes
        return Batch(images, torch.eye(classes)[labels], labels, np.arange(count) + 100)

    return make


def split(count: int) -> Split:
    """Return images whose class shows: each has its own brightness, under noise."""
    labels = np.arange(count, dtype=np.int64) % 5 % 4  # class 0 is twice as frequent
    noise = np.random.default_rng(count).integers(0, 100, (count, 16, 16, 1))
    return Split((noise + 40 * labels[:, None, None, None]).astype(np.uint8), labels)


@pytest.fixture(scope="session")
def data() -> Dataset:
    """A data set of 16 px that trains in milliseconds."""
    training = split(24)
    scaled = training.images / 255
    mean, std = (np.array([x], np.float32) for x in (scaled.mean(), scaled.std()))
    return Dataset("bright", "b" * 16, tuple("abcd"), training, split(8), None, mean, std, True)
