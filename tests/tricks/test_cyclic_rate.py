from typing import Literal

import numpy as np
import pytest
import torch

from autotrick.tricks import Progress
from autotrick.tricks.cyclic_rate import CyclicRate


def trace(trick: CyclicRate, updates: int, warmup: int = 0) -> list[float]:
    return [trick.schedule(Progress(u, updates, warmup, 10)) for u in range(updates)]


@pytest.mark.parametrize(("height", "mode"), [(1.0, "triangular"), (0.5, "triangular2")])
def test_equals_torch(height: float, mode: Literal["triangular", "triangular2"]) -> None:
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=0.1)
    scheduler = torch.optim.lr_scheduler.CyclicLR(
        optimizer, base_lr=0.1, max_lr=1.0, step_size_up=20, mode=mode, cycle_momentum=False
    )
    expected = []
    for _ in range(120):
        expected.append(float(scheduler.get_last_lr()[0]))
        optimizer.step()
        scheduler.step()

    factors = trace(CyclicRate(cycles=3, low=0.1, height=height), 120)

    np.testing.assert_allclose(factors, expected, rtol=0, atol=1e-9)


def test_tops_are_exactly_at_the_peak() -> None:
    factors = trace(CyclicRate(cycles=3), 60, warmup=0)

    assert [factors[u] for u in (10, 30, 50)] == [1.0, 1.0, 1.0]


def test_low_one_is_off() -> None:
    assert trace(CyclicRate(low=1.0, height=0.5), 100, 7) == [1.0] * 100
