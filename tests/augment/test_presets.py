"""What the presets do to images, measured on a dot, a bar and a ruler."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from autotrick.augment.presets import PRESETS, preset
from autotrick.random_streams import Stream
from autotrick.tricks import build
from tests.pictures import augment

Make = Callable[[str], Any]
COUNT = 400


class Still:
    """A run of which tricks ask only for draws."""

    update, epoch = 3, 0

    def stream(self, name: str) -> Stream:
        return Stream(0, name)


def through(trick: str, images: np.ndarray) -> np.ndarray:
    made = build(trick, preset("keras_offline")[trick])
    many = np.repeat(images[None], COUNT, axis=0)
    run: Any = Still()
    return np.asarray(augment(made, many, np.arange(COUNT), run))


def centres(images: np.ndarray) -> np.ndarray:
    weights = images[..., 0].astype(float)
    grid = np.mgrid[: images.shape[1], : images.shape[2]]
    return np.stack([(weights * axis).sum((1, 2)) / weights.sum((1, 2)) for axis in grid], 1)


@pytest.mark.parametrize("name", PRESETS)
def test_presets_can_be_built(name: str) -> None:
    for trick, settings in preset(name).items():
        build(trick, settings)


def test_keras_moves_by_at_most_fifteen_percent() -> None:
    dot = np.zeros((100, 60, 1), np.uint8)
    dot[49:52, 29:32] = 255

    moved = centres(through("translate", dot)) - [50, 30]

    assert 14 < np.abs(moved[:, 0]).max() <= 15.01 and 8.4 < np.abs(moved[:, 1]).max() <= 9.01


def test_keras_turns_by_at_most_twenty_degrees() -> None:
    bar = np.zeros((101, 101, 1), np.uint8)
    bar[50, 70:95] = 255

    down, right = (centres(through("rotate", bar)) - 50).T

    angles = np.degrees(np.arctan2(down, right))
    assert 19 < np.abs(angles).max() <= 20.5


def test_keras_zooms_between_085_and_115() -> None:
    ruler = np.zeros((100, 100, 1), np.uint8)
    ruler[30:70, 30:70] = 255

    sides = np.sqrt((through("scale", ruler) / 255.0).sum((1, 2, 3))) / 40

    assert 0.845 < sides.min() < 0.87 and 1.13 < sides.max() < 1.155
