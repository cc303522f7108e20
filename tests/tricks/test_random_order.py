from collections.abc import Callable

import numpy as np

from autotrick.tricks import Run, build
from autotrick.tricks.random_order import RandomOrder

MakeRun = Callable[..., Run]


def test_every_order_of_three_is_as_likely(make_run: MakeRun) -> None:
    tricks = [build(name, {}) for name in ("flip", "blur", "gaussian_noise")]

    orders = [
        tuple(t.name for t in RandomOrder().arranged(tricks, make_run(update=update)))
        for update in range(1200)
    ]

    _, counts = np.unique(orders, axis=0, return_counts=True)
    assert len(counts) == 6
    np.testing.assert_allclose(counts, 200, atol=5 * np.sqrt(1200 / 6 * 5 / 6))
