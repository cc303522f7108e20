from collections.abc import Callable

import numpy as np
import pytest

from autotrick.tricks import Run
from autotrick.tricks.right_angle import RightAngle
from tests.pictures import augment

MakeRun = Callable[..., Run]

COUNT = 20_000


def corner(height: int, width: int) -> np.ndarray:
    images = np.zeros((COUNT, height, width, 1), np.uint8)
    images[:, 0, 1] = 255
    return images


def test_four_ways_are_as_likely(make_run: MakeRun) -> None:
    after = augment(RightAngle(), corner(5, 5), np.arange(COUNT), make_run())

    _, rows, columns, _ = after.nonzero()
    places, counts = np.unique(np.stack([rows, columns]), axis=1, return_counts=True)
    assert places.T.tolist() == [[0, 1], [1, 4], [3, 0], [4, 3]]
    np.testing.assert_allclose(counts / COUNT, 0.25, atol=5 * np.sqrt(0.25 * 0.75 / COUNT))


@pytest.mark.parametrize("probability", [0.3, 1.0])
def test_rectangles_turn_by_a_half(make_run: MakeRun, probability: float) -> None:
    images = corner(4, 6)

    after = augment(
        RightAngle(probability=probability), images.copy(), np.arange(COUNT), make_run()
    )

    turned = (after == images[:, ::-1, ::-1]).all(axis=(1, 2, 3))
    same = (after == images).all(axis=(1, 2, 3))
    assert (turned ^ same).all()
    assert abs(turned.mean() - probability) < 0.02
