"""Clocks that go on evenly when somebody sets the machine's."""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

Now = Callable[[], datetime]


def utc_now() -> datetime:
    """Return the present moment by the machine's clock, aware and in UTC."""
    return datetime.now(UTC)


class Clock:
    """The present moment, and one that goes on evenly whoever sets a clock."""

    def __init__(self, start: datetime, wall: Now | None = None) -> None:
        """Begin with the present moment.

        Args:
            wall: Who is asked for the present moment; None for the start plus the time since then, as
                a server's clock is read once.
        """
        self._start = start
        self._wall = wall
        self._passed = _passed_s()
        self._awake = time.monotonic()

    def __call__(self) -> datetime:
        """Return the present moment."""
        if self._wall is not None:
            return self._wall()
        return self._start + timedelta(seconds=_passed_s() - self._passed)

    def awake(self) -> datetime:
        """Return the start plus the time since then that the machine did not sleep."""
        return self._start + timedelta(seconds=time.monotonic() - self._awake)


def working_time(clock: Now) -> datetime:
    """Return the moment by which work is timed: nobody can set it, and it stands while the machine sleeps."""
    return clock.awake() if isinstance(clock, Clock) else clock()


def _passed_s() -> float:
    """Return seconds since some moment, those that the machine slept included, where it tells."""
    boot = getattr(time, "CLOCK_BOOTTIME", None)
    return time.monotonic() if boot is None else time.clock_gettime(boot)
