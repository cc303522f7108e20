"""How SIGINT (Ctrl-C), SIGTERM (a preempted machine) and SIGHUP (a closed terminal) end a command.

All three end it in order: partial files are removed, open attempts are closed, and the search can be
resumed.
"""

import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from signal import SIGHUP, SIGINT, SIGTERM, SIGUSR1, Signals
from threading import current_thread, main_thread
from types import FrameType
from typing import Any

INSIST_S = 10.0
"""Signals within this time of the first one say the same; a later one does not wait for the order."""

_ENDING = (SIGINT, SIGTERM, SIGHUP)
_REPLACED = (*_ENDING, SIGUSR1)
"""Those that this module, Ray or Ray Tune gives handlers of their own."""


class Ending:
    """The signals that this process has received.

    Attributes:
        signal: The first one; None so far.
    """

    def __init__(self) -> None:
        self.signal: Signals | None = None
        self._received = 0.0
        self._stop: Callable[[], bool] | None = None
        self._closing = False

    @property
    def status(self) -> int:
        """The exit status after the signal, by the shells' convention."""
        return 128 + (self.signal or SIGINT)

    @contextmanager
    def by(self, stop: Callable[[], bool]) -> Iterator[None]:
        """Within the block, let the first signal call `stop` instead of raising KeyboardInterrupt.

        Args:
            stop: Asks the work under way to end; returns whether it will.
        """
        before, self._stop = self._stop, stop
        try:
            yield
        finally:
            self._stop = before

    @contextmanager
    def closing(self) -> Iterator[None]:
        """Let no signal interrupt the block, which records how the work has ended."""
        before, self._closing = self._closing, True
        try:
            yield
        finally:
            self._closing = before

    def receive(self, number: int, _frame: FrameType | None) -> None:
        """Handle a signal."""
        now, first = time.monotonic(), self.signal is None
        if first:
            self.signal, self._received = Signals(number), now
        if self._closing or (not first and now - self._received < INSIST_S):
            return
        if first and self._stop and self._stop():
            return
        raise KeyboardInterrupt


_active: list[Ending] = []


@contextmanager
def ending() -> Iterator[Ending]:
    """Handle signals within the block, and restore every handler after it; blocks may be nested.

    Only the main thread can handle signals; in another thread this does nothing. An ignored SIGHUP, as
    under nohup, stays ignored.
    """
    if current_thread() is not main_thread():
        yield Ending()
        return
    before = {each: signal.getsignal(each) for each in _REPLACED}
    mine = _active[-1] if _active else Ending()
    _active.append(mine)
    try:
        for each in _ENDING:
            if each is not SIGHUP or before[each] is not signal.SIG_IGN:
                signal.signal(each, mine.receive)
        yield mine
    finally:
        _active.pop()
        for number, handler in before.items():
            _put_back(number, handler)


def _put_back(number: Signals, handler: Any) -> None:
    if handler is not None:  # None: one that Python has not set, and cannot
        signal.signal(number, handler)
