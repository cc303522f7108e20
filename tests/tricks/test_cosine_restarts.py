import numpy as np
import pytest
import torch

from autotrick.tricks import Progress
from autotrick.tricks.cosine_decay import CosineDecay
from autotrick.tricks.cosine_restarts import CosineRestarts


def trace(trick: CosineRestarts | CosineDecay, updates: int, warmup: int = 0) -> list[float]:
    return [trick.schedule(Progress(u, updates, warmup, 10)) for u in range(updates)]


@pytest.mark.parametrize(("cycles", "growth", "first"), [(4, 2, 10), (3, 1, 20), (3, 3, 4)])
def test_equals_torch(cycles: int, growth: int, first: int) -> None:
    updates = first * sum(growth**i for i in range(cycles))
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=1.0)
    scheduler = torch.optim.lr_scheduler.CosineAnnealingWarmRestarts(optimizer, first, growth, 0.01)
    expected = []
    for _ in range(updates):
        expected.append(float(scheduler.get_last_lr()[0]))
        optimizer.step()
        scheduler.step()

    factors = trace(CosineRestarts(cycles=cycles, growth=growth, final=0.01), updates)

    np.testing.assert_allclose(factors, expected, rtol=0, atol=1e-9)


def test_each_restart_is_at_the_peak_whatever_the_length() -> None:
    trick = CosineRestarts(cycles=3, growth=1.7)

    factors = trace(trick, 97, warmup=6)

    assert [factors[6 + start] for start in trick.starts(91)[:-1]] == [1.0, 1.0, 1.0]


def test_one_cycle_is_a_cosine_decay() -> None:
    assert trace(CosineRestarts(cycles=1), 83, 9) == trace(CosineDecay(), 83, 9)


def test_fewer_updates_than_cycles_still_learn() -> None:
    assert all(factor > 0 for factor in trace(CosineRestarts(cycles=5), 3))
