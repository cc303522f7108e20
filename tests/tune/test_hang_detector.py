import pytest

from autotrick.tune.driver import hang_detector
from autotrick.tune.driver.hang_detector import HangDetector
from tests.tune.clock import Clock, stopped


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return stopped(monkeypatch, hang_detector)


def passing(listener: HangDetector, clock: Clock, seconds: int) -> list[str]:
    """Look once a second; return who was found silent."""
    found = []
    for _ in range(seconds):
        clock.now += 1
        found += listener.silent()
    return found


def test_silence_is_noticed_once(clock: Clock) -> None:
    listener = HangDetector(10)
    listener.heard("a")
    listener.heard("b")

    early = passing(listener, clock, 9)
    listener.heard("b")
    late = passing(listener, clock, 8)

    assert (early, late) == ([], ["a"])
    assert (listener.forget("a"), listener.forget("b")) == (True, False)


def test_who_speaks_again_is_listened_to_anew(clock: Clock) -> None:
    listener = HangDetector(10)
    listener.heard("a")
    passing(listener, clock, 12)
    listener.forget("a")
    listener.heard("a")

    assert passing(listener, clock, 9) == []
    assert passing(listener, clock, 3) == ["a"]


def test_time_in_which_the_driver_was_held_up_does_not_count(clock: Clock) -> None:
    listener = HangDetector(60)
    listener.heard("a")
    clock.now += 3600

    assert listener.silent() == []


def test_no_limit_no_silence(clock: Clock) -> None:
    listener = HangDetector(None)
    listener.heard("a")

    assert passing(listener, clock, 100) == []
