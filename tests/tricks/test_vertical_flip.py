from collections.abc import Callable

import numpy as np

from autotrick.tricks import Run
from autotrick.tricks.vertical_flip import VerticalFlip
from tests.pictures import augment

MakeRun = Callable[..., Run]


def numbered(count: int) -> np.ndarray:
    return np.arange(count * 8 * 6 * 3, dtype=np.uint8).reshape(count, 8, 6, 3)


def test_turns_every_image_upside_down_or_leaves_it(make_run: MakeRun) -> None:
    images = numbered(20_000)

    after = augment(VerticalFlip(), images.copy(), np.arange(20_000), make_run())

    mirrored = (after == images[:, ::-1]).all(axis=(1, 2, 3))
    same = (after == images).all(axis=(1, 2, 3))
    assert (mirrored ^ same).all()
    assert abs(mirrored.mean() - 0.5) < 5 * np.sqrt(0.25 / 20_000)


def test_certain_flip_is_half_a_turn_and_a_mirror(make_run: MakeRun) -> None:
    images = numbered(5)

    after = augment(VerticalFlip(probability=1.0), images.copy(), np.arange(5), make_run())

    np.testing.assert_array_equal(after, np.rot90(images, 2, axes=(1, 2))[:, :, ::-1])
