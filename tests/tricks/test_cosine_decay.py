import numpy as np
import pytest
import torch

from autotrick.tricks import Progress
from autotrick.tricks.cosine_decay import CosineDecay


def trace(trick: CosineDecay, updates: int, warmup: int) -> list[float]:
    return [trick.schedule(Progress(u, updates, warmup, 10)) for u in range(updates)]


@pytest.mark.parametrize("final", [0.0, 0.01, 0.1, 1.0])
@pytest.mark.parametrize(("updates", "warmup"), [(100, 0), (100, 23), (7, 2), (1, 0)])
def test_equals_the_closed_form(final: float, updates: int, warmup: int) -> None:
    factors = trace(CosineDecay(final=final), updates, warmup)

    t = np.clip(np.arange(updates) - warmup, 0, None) / (updates - warmup)
    expected = final + (1 - final) * (1 + np.cos(np.pi * t)) / 2
    np.testing.assert_allclose(factors, expected, rtol=0, atol=1e-12)


def test_equals_torch() -> None:
    weight = torch.nn.Parameter(torch.zeros(1))
    optimizer = torch.optim.SGD([weight], lr=1.0)
    scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=50, eta_min=0.02)
    expected = []
    for _ in range(50):
        expected.append(float(scheduler.get_last_lr()[0]))
        optimizer.step()
        scheduler.step()

    factors = trace(CosineDecay(final=0.02), 50, 0)

    np.testing.assert_allclose(factors, expected, rtol=0, atol=1e-12)


@pytest.mark.parametrize("warmup", [0, 30])
def test_peak_is_reached_and_the_last_update_still_learns(warmup: int) -> None:
    factors = trace(CosineDecay(), 100_000, warmup)

    assert factors[: warmup + 1] == [1.0] * (warmup + 1)
    assert 0 < factors[-1] < 1e-8


def test_final_one_is_off() -> None:
    assert trace(CosineDecay(final=1.0), 1000, 7) == [1.0] * 1000
