"""Clocks that go on evenly when somebody sets the machine's."""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

Now = Callable[[], datetime]


def utc_now() -> datetime:
    """Return the present moment by the machine's clock, aware and in UTC."""
    return datetime.now(UTC)


class Clock:
    """The moment at which it was made, plus the time that has passed since.

    Whoever sets the machine's clock meanwhile, by hand or by the network, does not move this one.
    """

    def __init__(self, start: datetime) -> None:
        self._start = start
        self._passed = _passed_s()
        self._awake = time.monotonic()

    def __call__(self) -> datetime:
        """Return the present moment."""
        return self._start + timedelta(seconds=_passed_s() - self._passed)

    def awake(self) -> datetime:
        """Return the moment by the time that the machine did not sleep: what it worked is the difference."""
        return self._start + timedelta(seconds=time.monotonic() - self._awake)


def working_time(clock: Now) -> datetime:
    """Return the moment on a clock that stands still while the machine sleeps, if there is one."""
    return clock.awake() if isinstance(clock, Clock) else clock()


def _passed_s() -> float:
    """Return seconds since some moment, those that the machine slept included, where it tells."""
    boot = getattr(time, "CLOCK_BOOTTIME", None)
    return time.monotonic() if boot is None else time.clock_gettime(boot)
