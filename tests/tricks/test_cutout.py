from collections.abc import Callable

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from autotrick.tricks import Batch, Run
from autotrick.tricks.cutout import Cutout, holes


@pytest.mark.parametrize(
    ("side", "centre", "rows", "columns"),
    [
        (4, (0.5, 0.5), range(3, 7), range(2, 6)),  # centre pixel (5, 4) of 10 x 8
        (3, (0.5, 0.5), range(4, 7), range(3, 6)),  # an odd side is exact
        (4, (0.0, 0.99), range(2), range(5, 8)),  # clipped
    ],
)
def test_hides_a_square_around_the_centre(
    side: int, centre: tuple[float, float], rows: range, columns: range
) -> None:
    hidden = holes(np.array([[centre]]), side, (10, 8))

    expected = np.zeros((1, 10, 8), bool)
    expected[:, rows.start : rows.stop, columns.start : columns.stop] = True
    assert np.array_equal(hidden, expected)


@given(
    side=st.integers(1, 9),
    places=st.lists(st.floats(0, 1, exclude_max=True), min_size=12, max_size=12),
)
def test_equals_the_published_loop(side: int, places: list[float]) -> None:
    draws = np.array(places).reshape(2, 3, 2)

    hidden = holes(draws, 2 * side, (12, 7))

    expected = np.zeros((2, 12, 7), bool)
    for n in range(2):
        for row, column in (draws[n] * (12, 7)).astype(int):
            top, bottom = np.clip([row - side, row + side], 0, 12)
            left, right = np.clip([column - side, column + side], 0, 7)
            expected[n, top:bottom, left:right] = True
    assert np.array_equal(hidden, expected)


def test_hidden_pixels_are_zero_in_all_channels_and_the_rest_is_untouched(
    make_run: Callable[..., Run], make_batch: Callable[..., Batch]
) -> None:
    plain, batch = make_batch(50).images, make_batch(50)

    images = Cutout().on_tensor(batch, make_run()).images

    changed = images != plain
    assert (images[changed] == 0).all()
    assert (changed.all(dim=1) == changed.any(dim=1)).all()
    area = changed[:, 0].sum(dim=(1, 2))
    assert area.min() >= 4 and area.max() == 16


def test_a_hole_does_not_depend_on_the_rest_of_the_batch(
    make_run: Callable[..., Run], make_batch: Callable[..., Batch]
) -> None:
    whole, batch = Cutout().on_tensor(make_batch(6), make_run()), make_batch(6)
    part = Batch(batch.images[[4]], batch.targets[[4]], batch.labels[[4]], batch.samples[[4]])

    alone = Cutout().on_tensor(part, make_run())

    assert torch.equal(alone.images[0], whole.images[4])


def test_hidden_area_has_the_expected_mean(make_run: Callable[..., Run]) -> None:
    # What clipping leaves of 16 rows, for each row of 32 that the centre may have.
    lengths = [min(32, c + 8) - max(0, c - 8) for c in range(32)]
    run, samples = make_run(), np.arange(20_000)
    draws = run.stream("cutout").uniform(0, samples, 2)

    areas = holes(draws[:, None], 16, (32, 32)).sum(axis=(1, 2))

    expected = np.mean(lengths) ** 2
    assert areas.mean() == pytest.approx(expected, abs=4 * areas.std() / np.sqrt(len(areas)))
    assert areas.max() == 256 and areas.min() == 64


def test_length_is_a_share_of_the_shorter_side(
    make_run: Callable[..., Run], make_batch: Callable[..., Batch]
) -> None:
    size = (16, 40)
    plain = make_batch(200, size=size).images

    images = Cutout(length=0.25).on_tensor(make_batch(200, size=size), make_run()).images

    assert (images != plain)[:, 0].sum(dim=(1, 2)).max() == 4 * 4
