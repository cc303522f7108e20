import numpy as np
import pytest

from autotrick.tricks import Progress
from autotrick.tricks.warmup_stable_decay import WarmupStableDecay


def trace(trick: WarmupStableDecay, updates: int) -> list[float]:
    warmup = trick.warmup_updates(updates, 10)
    return [trick.schedule(Progress(u, updates, warmup, 10)) for u in range(updates)]


@pytest.mark.parametrize("shape", ["sqrt", "linear"])
@pytest.mark.parametrize("final", [0.0, 0.1])
def test_has_three_parts(shape: str, final: float) -> None:
    factors = trace(WarmupStableDecay(warmup=0.1, fall=0.3, shape=shape, final=final), 100)

    x = np.arange(30) / 30
    fall = 1 - (1 - final) * (np.sqrt(x) if shape == "sqrt" else x)
    expected = [*(np.arange(1, 11) / 10), *[1.0] * 60, *fall]
    np.testing.assert_allclose(factors, expected, rtol=0, atol=1e-12)


def test_a_long_warmup_shortens_the_fall() -> None:
    factors = trace(WarmupStableDecay(warmup=0.9, fall=0.5, shape="linear"), 10)

    np.testing.assert_allclose(factors, [*(np.arange(1, 10) / 9), 1.0], rtol=0, atol=1e-12)


@pytest.mark.parametrize("updates", [1, 2, 5])
def test_short_trainings_reach_the_peak_and_learn(updates: int) -> None:
    factors = trace(WarmupStableDecay(), updates)

    assert max(factors) == 1.0 and min(factors) > 0
