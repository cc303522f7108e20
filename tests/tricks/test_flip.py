from collections.abc import Callable

import numpy as np
import pytest

from autotrick.errors import TrickError
from autotrick.tricks import Run
from autotrick.tricks.flip import Flip
from tests.pictures import augment

MakeRun = Callable[..., Run]


def numbered(count: int) -> np.ndarray:
    return np.arange(count * 8 * 8 * 3, dtype=np.uint8).reshape(count, 8, 8, 3)


def test_flips_every_image_or_leaves_it(make_run: MakeRun) -> None:
    images = numbered(20_000)

    after = augment(Flip(), images.copy(), np.arange(20_000), make_run())

    mirrored = (after == images[:, :, ::-1]).all(axis=(1, 2, 3))
    same = (after == images).all(axis=(1, 2, 3))
    assert (mirrored ^ same).all()
    assert abs(mirrored.mean() - 0.5) < 4 * np.sqrt(0.25 / 20_000)


def test_certain_flip_mirrors_all(make_run: MakeRun) -> None:
    images = numbered(5)

    after = augment(Flip(probability=1.0), images.copy(), np.arange(5), make_run())

    np.testing.assert_array_equal(after, images[:, :, ::-1])


def test_a_higher_probability_keeps_what_was_flipped(make_run: MakeRun) -> None:
    images, run = numbered(200), make_run()

    seldom, often = (
        (augment(Flip(probability=p), images.copy(), np.arange(200), run) != images).any((1, 2, 3))
        for p in (0.3, 0.6)
    )

    assert (seldom <= often).all() and seldom.sum() < often.sum()


@pytest.mark.parametrize("probability", [-0.1, 1.1, float("nan")])
def test_probability_must_be_one(probability: float) -> None:
    with pytest.raises(TrickError, match=r"flip: `0 <= probability <= 1` must hold, but got"):
        Flip(probability=probability)
