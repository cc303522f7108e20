"""Clocks that advance evenly even when somebody sets the machine's clock."""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

Now = Callable[[], datetime]


def utc_now() -> datetime:
    """Return the machine's current time, with UTC as time zone."""
    return datetime.now(UTC)


class Clock:
    """The current time, and a time that advances evenly even when somebody sets the clock."""

    def __init__(self, start: datetime, wall: Now | None = None) -> None:
        """Start at the current time.

        Args:
            wall: Returns the current time. None computes it as `start` plus the elapsed time, for a
                server's clock, which is read only once.
        """
        self._start = start
        self._wall = wall
        self._passed = _elapsed_s()
        self._awake = time.monotonic()

    def __call__(self) -> datetime:
        """Return the current time, in UTC."""
        if self._wall is not None:
            return self._wall()
        return self._start + timedelta(seconds=_elapsed_s() - self._passed)

    def awake(self) -> datetime:
        """Return `start` plus the time that has passed since, except while the machine slept."""
        return self._start + timedelta(seconds=time.monotonic() - self._awake)


def working_time(clock: Now) -> datetime:
    """Return the time that measures work: nobody can set it, and it stops during sleep."""
    return clock.awake() if isinstance(clock, Clock) else clock()


def _elapsed_s() -> float:
    """Return the seconds since a fixed moment; they include sleep where the system can tell."""
    boot = getattr(time, "CLOCK_BOOTTIME", None)
    return time.monotonic() if boot is None else time.clock_gettime(boot)
