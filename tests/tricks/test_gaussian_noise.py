from collections.abc import Callable

import numpy as np

from autotrick.tricks import Run
from autotrick.tricks.gaussian_noise import GaussianNoise
from tests.pictures import augment

MakeRun = Callable[..., Run]


def test_deviation_is_on_the_scale_from_0_to_1(make_run: MakeRun) -> None:
    gray = np.full((100, 16, 16, 3), 128, np.uint8)

    after = augment(GaussianNoise(sigma=0.1), gray, np.arange(100), make_run()) / 255

    error = 0.1 / np.sqrt(2 * after.size)
    assert abs(after.std() - 0.1) < 5 * error
    assert abs(after.mean() - 128 / 255) < 10 * error


def test_each_update_and_each_image_has_noise_of_its_own(make_run: MakeRun) -> None:
    gray = np.full((2, 8, 8, 3), 128, np.uint8)

    first, second = (
        augment(GaussianNoise(), gray.copy(), np.arange(2), make_run(update=u)) for u in (1, 2)
    )

    assert (first != second).any() and (first[0] != first[1]).any()
