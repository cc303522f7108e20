import numpy as np
import pytest
import torch

from autotrick.tricks import Progress
from autotrick.tricks.polynomial_decay import PolynomialDecay


def trace(trick: PolynomialDecay, updates: int, warmup: int = 0) -> list[float]:
    return [trick.schedule(Progress(u, updates, warmup, 10)) for u in range(updates)]


@pytest.mark.parametrize("power", [0.9, 1.0, 2.0])
def test_equals_torch(power: float) -> None:
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=1.0)
    scheduler = torch.optim.lr_scheduler.PolynomialLR(optimizer, total_iters=80, power=power)
    expected = []
    for _ in range(80):
        expected.append(float(scheduler.get_last_lr()[0]))
        optimizer.step()
        scheduler.step()

    np.testing.assert_allclose(trace(PolynomialDecay(power=power), 80), expected, rtol=1e-9)


def test_keeps_a_share_and_lets_the_warmup_pass() -> None:
    factors = trace(PolynomialDecay(power=2.0, final=0.1), 60, warmup=10)

    left = 1 - np.arange(50) / 50
    np.testing.assert_allclose(factors, [1.0] * 10 + list(0.1 + 0.9 * left**2), rtol=0, atol=1e-12)


@pytest.mark.parametrize("settings", [{"power": 0.0, "final": 0.07}, {"final": 1.0}])
def test_neutral_settings_are_off(settings: dict[str, float]) -> None:
    assert trace(PolynomialDecay(**settings), 997) == [1.0] * 997
