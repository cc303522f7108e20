from collections.abc import Callable

import numpy as np
import pytest

from autotrick.errors import TrickError
from autotrick.tricks import Run
from autotrick.tricks.pad_crop import PadCrop
from tests.pictures import augment

MakeRun = Callable[..., Run]

COUNT = 20_000


def test_every_crop_of_the_padded_image_is_as_likely(make_run: MakeRun) -> None:
    point = np.zeros((COUNT, 8, 16, 1), np.uint8)
    point[:, 4, 8] = 255

    after = augment(PadCrop(), point, np.arange(COUNT), make_run(size=(8, 16)))

    _, rows, columns, _ = after.nonzero()
    assert len(rows) == COUNT
    counts, _, _ = np.histogram2d(rows, columns, bins=[np.arange(3, 7), np.arange(6, 12)])
    # 3 x 5 places; five standard errors.
    np.testing.assert_allclose(counts / COUNT, 1 / 15, atol=5 * np.sqrt(1 / 15 / COUNT))


def test_padding_is_black(make_run: MakeRun) -> None:
    white = np.full((500, 32, 32, 3), 255, np.uint8)

    after = augment(PadCrop(), white, np.arange(500), make_run())

    lit = (after == 255).all(axis=3).sum(axis=(1, 2))
    assert ((after == 0) | (after == 255)).all()
    assert lit.min() == 28 * 28 and lit.max() == 32 * 32


def test_reflected_border_shows_no_black(make_run: MakeRun) -> None:
    images = np.full((50, 32, 32, 3), 7, np.uint8)

    after = augment(PadCrop(border="reflect"), images.copy(), np.arange(50), make_run())

    np.testing.assert_array_equal(after, images)


def test_padding_below_half_a_pixel_does_nothing(make_run: MakeRun) -> None:
    images = np.arange(192, dtype=np.uint8).reshape(1, 8, 8, 3)

    assert augment(PadCrop(padding=0.06), images, np.arange(1), make_run()) is images


def test_unknown_border_names_the_known(make_run: MakeRun) -> None:
    with pytest.raises(TrickError, match=r"pad_crop: `border is one of constant, edge, .*'mirror'"):
        PadCrop(border="mirror")  # type: ignore[arg-type]
