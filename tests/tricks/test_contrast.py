from collections.abc import Callable

import numpy as np

from autotrick.tricks import Run
from autotrick.tricks.contrast import ChannelContrast
from tests.pictures import augment

MakeRun = Callable[..., Run]


def test_factors_are_even_about_one_and_means_stay(make_run: MakeRun) -> None:
    pair = np.array([[100, 90, 20], [140, 110, 60]], np.uint8)
    images = np.broadcast_to(pair[None, None], (20_000, 1, 2, 3)).copy()

    after = augment(ChannelContrast(spread=0.8), images, np.arange(20_000), make_run()).astype(int)

    np.testing.assert_allclose(after.mean(axis=2)[:, 0], [[120, 100, 40]] * 20_000, atol=0.51)
    factors = (after[:, 0, 1, 0] - after[:, 0, 0, 0]) / 40
    assert (factors.min(), factors.max()) == (0.2, 1.8)
    assert abs(factors.mean() - 1) < 5 * 0.8 / np.sqrt(3 * 20_000)
