"""A run and batches small enough to count by hand; real parts, no loop around them."""

from collections.abc import Callable

import numpy as np
import pytest
import torch

from autotrick.data import Dataset
from autotrick.testing.small import small_data, small_run
from autotrick.tricks import Batch, Run

MakeRun = Callable[..., Run]
MakeBatch = Callable[..., Batch]


@pytest.fixture
def make_run() -> MakeRun:
    """Return a function that makes a run: seed, update, updates, channels, side, classes."""
    return small_run


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


@pytest.fixture(scope="session")
def data() -> Dataset:
    """A data set of 16 px that trains in milliseconds."""
    return small_data()
