import pytest

from autotrick.errors import TrickError
from autotrick.tricks import Progress
from autotrick.tricks.constant_warmup import ConstantWarmup


def trace(trick: ConstantWarmup, updates: int) -> list[float]:
    warmup = trick.warmup_updates(updates, 10)
    return [trick.schedule(Progress(u, updates, warmup, 10)) for u in range(updates)]


@pytest.mark.parametrize(("length", "factor"), [(0.05, 0.1), (0.25, 0.01), (0.0, 0.1)])
def test_is_flat_and_jumps_once(length: float, factor: float) -> None:
    low = round(200 * length)

    assert trace(ConstantWarmup(length=length, factor=factor), 200) == [factor] * low + [1.0] * (
        200 - low
    )


def test_a_decay_after_it_starts_at_the_jump() -> None:
    assert ConstantWarmup(length=0.2).warmup_updates(50, 10) == 10


@pytest.mark.parametrize("settings", [{"length": 1.5}, {"factor": 0.0}, {"factor": 1.1}])
def test_settings_out_of_range_are_refused(settings: dict[str, float]) -> None:
    with pytest.raises(TrickError, match=r"constant_warmup: `0 <=? \w+ <= 1` must hold, but got"):
        ConstantWarmup(**settings)
