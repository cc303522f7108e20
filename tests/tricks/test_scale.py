from collections.abc import Callable

import numpy as np

from autotrick.tricks import Run
from autotrick.tricks.scale import Scale
from tests.pictures import augment

MakeRun = Callable[..., Run]


def squares(count: int) -> np.ndarray:
    images = np.zeros((count, 64, 64, 1), np.uint8)
    images[:, 22:42, 22:42] = 255
    return images


def sides(after: np.ndarray) -> np.ndarray:
    return np.asarray(np.sqrt(after.sum(axis=(1, 2, 3)) / 255) / 20)


def test_factors_are_even_on_a_log_scale(make_run: MakeRun) -> None:
    trick = Scale(smallest=0.5, largest=2.0)

    factors = sides(augment(trick, squares(20_000), np.arange(20_000), make_run()))

    assert 0.49 < factors.min() < 0.52 and 1.95 < factors.max() < 2.02
    assert abs((factors < 1).mean() - 0.5) < 4 * np.sqrt(0.25 / 20_000)
    assert abs((factors < 0.5**0.5).mean() - 0.25) < 0.02


def test_presets_of_keras_stay_within_their_range(make_run: MakeRun) -> None:
    trick = Scale(smallest=0.85, largest=1.15)

    factors = sides(augment(trick, squares(500), np.arange(500), make_run()))

    assert 0.84 < factors.min() < 0.88 and 1.12 < factors.max() < 1.16


def test_a_shrunk_image_has_its_border_around_it(make_run: MakeRun) -> None:
    white = np.full((50, 32, 32, 3), 255, np.uint8)
    trick = Scale(smallest=0.5, largest=1.0)

    black = augment(trick, white.copy(), np.arange(50), make_run())
    edge = augment(
        Scale(smallest=0.5, largest=1.0, border="edge"), white.copy(), np.arange(50), make_run()
    )

    assert (black[:, 0, 0] == 0).mean() > 0.9
    assert (edge == 255).all()


def test_factors_of_one_leave_the_image(make_run: MakeRun) -> None:
    images = squares(3)

    assert augment(Scale(smallest=1.0, largest=1.0), images, np.arange(3), make_run()) is images
