import numpy as np
import pytest
import torch

from autotrick.errors import TrickError
from autotrick.tricks import Progress
from autotrick.tricks.step_decay import StepDecay


def trace(trick: StepDecay, updates: int, warmup: int = 0) -> list[float]:
    return [trick.schedule(Progress(u, updates, warmup, 10)) for u in range(updates)]


def test_falls_where_the_paper_says() -> None:
    # 64k updates, divided by 10 at 32k and 48k; here in thousands.
    factors = trace(StepDecay(), 64)

    expected = [1.0] * 32 + [0.1] * 16 + [0.1**2] * 16
    np.testing.assert_allclose(factors, expected, rtol=0, atol=1e-15)


@pytest.mark.parametrize("gamma", [0.1, 0.2, 0.5])
def test_equals_torch(gamma: float) -> None:
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=1.0)
    scheduler = torch.optim.lr_scheduler.MultiStepLR(optimizer, [30, 60], gamma)
    expected = []
    for _ in range(100):
        expected.append(float(scheduler.get_last_lr()[0]))
        optimizer.step()
        scheduler.step()

    factors = trace(StepDecay(first=0.3, second=0.6, gamma=gamma), 100)

    np.testing.assert_allclose(factors, expected, rtol=0, atol=1e-12)


def test_the_warmup_does_not_count() -> None:
    factors = trace(StepDecay(gamma=0.5), 50, warmup=10)

    assert factors == [1.0] * 30 + [0.5] * 10 + [0.25] * 10


def test_the_order_of_the_moments_does_not_matter() -> None:
    assert trace(StepDecay(first=0.8, second=0.2), 40) == trace(
        StepDecay(first=0.2, second=0.8), 40
    )


def test_gamma_one_is_off() -> None:
    assert trace(StepDecay(gamma=1.0), 1000) == [1.0] * 1000


@pytest.mark.parametrize("settings", [{"first": 0.0}, {"second": 1.1}, {"gamma": 0.0}])
def test_settings_out_of_range_are_refused(settings: dict[str, float]) -> None:
    with pytest.raises(TrickError, match=r"step_decay: `0 < \w+ <= 1` must hold, but got"):
        StepDecay(**settings)
