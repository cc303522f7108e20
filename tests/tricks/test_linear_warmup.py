import numpy as np
import pytest

from autotrick.errors import TrickError
from autotrick.tricks import Progress
from autotrick.tricks.linear_warmup import LinearWarmup


def trace(trick: LinearWarmup, updates: int) -> list[float]:
    warmup = trick.warmup_updates(updates, 10)
    return [trick.schedule(Progress(u, updates, warmup, 10)) for u in range(updates)]


@pytest.mark.parametrize("start", [0.0, 0.1, 0.3, 1.0])
@pytest.mark.parametrize(("length", "updates"), [(0.05, 100), (0.25, 40), (0.1, 1000), (1.0, 7)])
def test_climbs_in_equal_steps_to_exactly_the_peak(
    start: float, length: float, updates: int
) -> None:
    factors = trace(LinearWarmup(length=length, start=start), updates)

    w = round(length * updates)
    expected = np.ones(updates)
    expected[:w] = start + (1 - start) * np.arange(1, w + 1) / w
    np.testing.assert_allclose(factors, expected, rtol=0, atol=1e-12)
    assert factors[w - 1 :] == [1.0] * (updates - w + 1)


def test_ramps_of_a_known_recipe() -> None:
    # From 0.1 to 0.8, multiplier 8, in 5 steps: what a gradual warmup scheduler promises.
    factors = trace(LinearWarmup(length=0.5, start=1 / 8), 10)

    np.testing.assert_allclose(
        0.8 * np.array(factors[:5]), [0.24, 0.38, 0.52, 0.66, 0.8], rtol=0, atol=1e-12
    )


@pytest.mark.parametrize("length", [0.0, 0.004])
def test_shorter_than_one_update_is_off(length: float) -> None:
    assert trace(LinearWarmup(length=length), 100) == [1.0] * 100


@pytest.mark.parametrize(
    "settings", [{"length": -0.1}, {"length": 1.1}, {"start": 2.0}, {"start": float("nan")}]
)
def test_settings_out_of_range_are_refused(settings: dict[str, float]) -> None:
    with pytest.raises(TrickError, match=r"linear_warmup: `0 <= \w+ <= 1` must hold, but got"):
        LinearWarmup(**settings)
