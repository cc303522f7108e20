from collections.abc import Callable

import numpy as np

from autotrick.tricks import Run
from autotrick.tricks.shear import Shear
from tests.pictures import augment

MakeRun = Callable[..., Run]


def test_a_point_moves_by_at_most_the_tangent(make_run: MakeRun) -> None:
    point = np.zeros((20_000, 41, 41, 1), np.uint8)
    point[:, 0, 20] = 255

    after = augment(
        Shear(tangent=0.3, interpolation="nearest"), point, np.arange(20_000), make_run()
    )

    _, rows, columns, _ = after.nonzero()
    top = rows == 0
    across = columns[top] - 20
    assert (across.min(), across.max()) == (-6, 6)
    assert top.sum() > 8000  # the others were sheared out of the image
    assert abs((across > 0).mean() - (across < 0).mean()) < 4 / np.sqrt(top.sum())


def test_the_middle_stays(make_run: MakeRun) -> None:
    point = np.zeros((100, 21, 21, 3), np.uint8)
    point[:, 10, 10] = 255

    after = augment(Shear(tangent=0.5), point.copy(), np.arange(100), make_run())

    assert (after[:, 10, 10] == 255).all()
