from collections import Counter
from collections.abc import Callable

import numpy as np

from autotrick.tricks import Run, build
from autotrick.tricks.random_order import RandomOrder

MakeRun = Callable[..., Run]


def test_every_order_of_three_is_as_likely(make_run: MakeRun) -> None:
    tricks = [build(name, {}) for name in ("flip", "blur", "gaussian_noise")]

    count, run, orders = 20_000, make_run(), Counter[tuple[str, ...]]()
    for run.update in range(count):
        orders[tuple(t.name for t in RandomOrder().order_image_tricks(tricks, run))] += 1

    assert len(orders) == 6
    shares = np.array(list(orders.values())) / count
    np.testing.assert_allclose(shares, 1 / 6, atol=4 * np.sqrt(5 / 36 / count))
