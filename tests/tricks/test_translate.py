from collections.abc import Callable

import numpy as np
import pytest

from autotrick.augment.policies import BORDERS, Border
from autotrick.tricks import Run
from autotrick.tricks.translate import Translate
from tests.pictures import augment

MakeRun = Callable[..., Run]

COUNT = 20_000


def moves(trick: Translate, run: Run) -> tuple[np.ndarray, np.ndarray]:
    point = np.zeros((COUNT, 21, 41, 1), np.uint8)
    point[:, 10, 20] = 255
    _, rows, columns, _ = augment(trick, point, np.arange(COUNT), run).nonzero()
    return rows - 10, columns - 20


def test_moves_are_even_up_to_a_share_of_each_side(make_run: MakeRun) -> None:
    down, right = moves(Translate(distance=0.15, interpolation="nearest"), make_run())

    assert (down.min(), down.max()) == (-3, 3) and (right.min(), right.max()) == (-6, 6)
    assert abs((right > 0).mean() - (right < 0).mean()) < 4 / np.sqrt(COUNT)
    assert abs(np.corrcoef(down, right)[0, 1]) < 4 / np.sqrt(COUNT)


@pytest.mark.parametrize(("axis", "still"), [("x", 0), ("y", 1)])
def test_one_axis_leaves_the_other(make_run: MakeRun, axis: str, still: int) -> None:
    found = moves(Translate(distance=0.15, axis=axis, interpolation="nearest"), make_run())

    assert (found[still] == 0).all() and (found[1 - still] != 0).any()


@pytest.mark.parametrize("border", BORDERS)
def test_whole_pixels_show_what_numpy_pads(make_run: MakeRun, border: Border) -> None:
    run, images = make_run(), np.random.default_rng(0).integers(0, 256, (9, 20, 20, 3), np.uint8)
    draws = run.stream("translate").uniform(run.update, np.arange(9), 2)

    after = augment(
        Translate(distance=0.3, border=border, interpolation="nearest"),
        images.copy(),
        np.arange(9),
        run,
    )

    for image, ours, (right, down) in zip(images, after, 2 * draws - 1, strict=True):
        padded = np.pad(image, ((6, 6), (6, 6), (0, 0)), mode=border)
        top, left = 6 + round(6 * down), 6 + round(6 * right)
        np.testing.assert_array_equal(ours, padded[top : top + 20, left : left + 20])


def test_between_pixels_values_are_blended(make_run: MakeRun) -> None:
    images = np.tile(np.array([0, 200], np.uint8), 16)[None, None, :, None].repeat(32, axis=1)

    after = augment(
        Translate(distance=0.1, axis="x", border="wrap"), images.copy(), np.arange(1), make_run()
    )

    assert len(np.unique(after)) == 2 and 0 < after.min() < after.max() < 200
