"""A shortcut that a trick takes away: images of one class face left, those of the other right.

Two brands of car, each photographed from its own side, teach a network sides and not brands. Here real
digits are the cars: a two faces the way that a five does not.
"""

from dataclasses import replace

import numpy as np
import pytest

from autotrick.data import Dataset, Split, load
from autotrick.recipe import DataRef, Recipe, Settings
from autotrick.train import train

PAIR = (2, 5)


def facing(split: Split, *, mirrored: bool) -> Split:
    """Return the images of the pair, with labels 0 and 1, as they are or mirrored."""
    rows = np.flatnonzero(np.isin(split.labels, PAIR))
    images = split.images[rows]
    labels = (split.labels[rows] == PAIR[1]).astype(np.int64)
    return Split(images[:, :, ::-1].copy() if mirrored else images, labels)


@pytest.fixture(scope="module")
def digits(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    ref = DataRef(name="digits", image_size=16, validation=0.4)
    return load(ref, cache_dir=tmp_path_factory.mktemp("cache"))


def accuracy(digits: Dataset, tricks: dict[str, Settings], *, mirrored: bool) -> float:
    """Return the accuracy on validation images that face as those of training do, or the other way."""
    data = replace(
        digits,
        classes=tuple(str(digit) for digit in PAIR),
        train=facing(digits.train, mirrored=False),
        validation=facing(digits.validation, mirrored=mirrored),
    )
    recipe = Recipe(
        data=DataRef(name="digits"),
        architecture="lenet5",
        epochs=25,
        batch_size=16,
        base_lr=0.4,
        seed=1,
        tricks=tricks,
    )
    return train(recipe, data).reports[-1].accuracy


@pytest.mark.slow
def test_without_flip_the_side_is_learnt_and_with_flip_the_shape(digits: Dataset) -> None:
    flip: dict[str, Settings] = {"flip": {"probability": 0.5}}

    assert accuracy(digits, {}, mirrored=False) > 0.95
    assert accuracy(digits, {}, mirrored=True) < 0.4
    assert accuracy(digits, flip, mirrored=False) > 0.95
    assert accuracy(digits, flip, mirrored=True) > 0.9
