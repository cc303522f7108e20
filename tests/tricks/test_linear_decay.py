import numpy as np
import pytest

from autotrick.tricks import Progress
from autotrick.tricks.linear_decay import LinearDecay
from autotrick.tricks.linear_warmup import LinearWarmup


def trace(trick: LinearDecay, updates: int, warmup: int = 0) -> list[float]:
    return [trick.schedule(Progress(u, updates, warmup, 10)) for u in range(updates)]


@pytest.mark.parametrize("final", [0.0, 0.07, 0.5])
@pytest.mark.parametrize(("updates", "warmup"), [(100, 0), (100, 23), (1, 0)])
def test_is_a_line_from_the_peak(final: float, updates: int, warmup: int) -> None:
    expected = np.interp(np.arange(updates), [warmup, updates], [1, final])

    np.testing.assert_allclose(
        trace(LinearDecay(final=final), updates, warmup), expected, rtol=0, atol=1e-12
    )


def test_with_a_warmup_it_is_the_triangle_of_airbench() -> None:
    warmup = LinearWarmup(length=0.23, start=0.2)

    factors = [
        warmup.schedule(p) * LinearDecay().schedule(p)
        for p in (Progress(u, 100, 23, 10) for u in range(100))
    ]

    # Its climb counts updates from 1, so that no update is spent before the first step up.
    expected = np.interp(np.arange(100) + (np.arange(100) < 23), [0, 23, 100], [0.2, 1, 0.07])
    np.testing.assert_allclose(factors, expected, rtol=0, atol=1e-12)


def test_final_one_is_off() -> None:
    assert trace(LinearDecay(final=1.0), 997) == [1.0] * 997
