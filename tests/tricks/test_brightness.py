"""Brightness, and what the other additive tricks share with it."""

from collections.abc import Callable

import numpy as np
import pytest

from autotrick.tricks import Run, Trick, build
from tests.pictures import augment

MakeRun = Callable[..., Run]

COUNT = 20_000


def shifts(trick: Trick, run: Run, channels: int = 3) -> np.ndarray:
    gray = np.full((COUNT, 2, 2, channels), 128, np.uint8)
    return augment(trick, gray, np.arange(COUNT), run)[:, 0, 0].astype(int) - 128


def test_brightness_is_one_even_number_for_all_channels(make_run: MakeRun) -> None:
    found = shifts(build("brightness", {"delta": 63 / 255}), make_run())

    assert (found == found[:, :1]).all()
    assert (found.min(), found.max()) == (-63, 63)
    assert abs(found[:, 0].mean()) < 5 * 63 / np.sqrt(3 * COUNT)
    assert abs((np.abs(found[:, 0]) < 31.5).mean() - 0.5) < 0.02


def test_colour_shift_is_a_number_for_each_channel(make_run: MakeRun) -> None:
    found = shifts(build("colour_shift", {"delta": 20 / 255}), make_run())

    assert (found.min(axis=0) == -20).all() and (found.max(axis=0) == 20).all()
    correlation = np.corrcoef(found.T) - np.eye(3)
    assert np.abs(correlation).max() < 5 / np.sqrt(COUNT)


def test_colour_shift_of_gray_images_is_brightness(make_run: MakeRun) -> None:
    found = shifts(build("colour_shift", {}), make_run(channels=1), channels=1)

    assert (found.min(), found.max()) == (-20, 20)


@pytest.mark.parametrize("name", ["brightness", "colour_shift"])
def test_black_and_white_are_the_ends(make_run: MakeRun, name: str) -> None:
    images = np.array([0, 255], np.uint8).repeat(300)[:, None, None, None].repeat(3, axis=3)

    after = augment(build(name, {"delta": 1.0}), images.copy(), np.arange(600), make_run())

    assert after[:300].max() > 200 and after[300:].min() < 55
    assert (after[:300] == 0).any() and (after[300:] == 255).any()
