import numpy as np
import pytest

from autotrick.tricks import Progress
from autotrick.tricks.exponential_decay import ExponentialDecay


def trace(trick: ExponentialDecay, updates: int, warmup: int = 0) -> list[float]:
    return [trick.schedule(Progress(u, updates, warmup, 10)) for u in range(updates)]


@pytest.mark.parametrize("every", [50, 25, 10])
def test_staircase_is_the_rate_times_the_factor_to_the_floor(every: int) -> None:
    # TensorFlow: rate x 0.1 ^ floor(update / every), over 100 updates.
    trick = ExponentialDecay(final=0.1 ** (100 / every), steps=100 // every)

    factors = trace(trick, 100)

    np.testing.assert_allclose(factors, 0.1 ** np.floor(np.arange(100) / every), rtol=1e-9)


@pytest.mark.parametrize("every", [50.0, 33.0])
def test_continuous_is_the_rate_times_the_factor_to_the_share(every: float) -> None:
    factors = trace(ExponentialDecay(final=0.1 ** (100 / every)), 100)

    np.testing.assert_allclose(factors, 0.1 ** (np.arange(100) / every), rtol=1e-9)


def test_default_is_that_of_efficientnet() -> None:
    assert ExponentialDecay().final == pytest.approx(0.97 ** (350 / 2.4), rel=0.02)


def test_the_warmup_does_not_count() -> None:
    factors = trace(ExponentialDecay(final=0.25, steps=2), 50, warmup=10)

    assert factors == [1.0] * 30 + [0.5] * 20
