"""Keeps Ray and Ray Tune from handling signals."""

import faulthandler
import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from signal import SIGUSR1
from typing import Any

from autotrick.signals import ending

_NO_SIGINT = "TUNE_DISABLE_SIGINT_HANDLER"


@contextmanager
def stopping_tune() -> Iterator[None]:
    """Within the block, let the first signal end Tune's loop after its current step.

    Tune removes its own handler of SIGINT after the first signal, so it is told not to set one.
    """
    set_before = os.environ.get(_NO_SIGINT)
    os.environ[_NO_SIGINT] = "1"
    try:
        with ending() as asked, asked.by(_stop_tune(signal.getsignal(SIGUSR1))):
            yield
    finally:
        del os.environ[_NO_SIGINT]
        if set_before is not None:
            os.environ[_NO_SIGINT] = set_before


def _stop_tune(before: Any) -> Callable[[], bool]:
    """Return a function that asks Tune to stop, by the handler that Tune sets for SIGUSR1.

    Args:
        before: The handler before Tune has set its own.
    """

    def stop() -> bool:
        handler = signal.getsignal(SIGUSR1)
        if handler is before or not callable(handler):
            return False
        handler(SIGUSR1, None)
        return True

    return stop


@contextmanager
def as_before() -> Iterator[None]:
    """Restore after the block what Ray changes in this process: signal handlers and faulthandler."""
    enabled = faulthandler.is_enabled()
    try:
        with ending():
            yield
    finally:
        if not enabled:
            faulthandler.disable()


@contextmanager
def in_group_of_their_own() -> Iterator[None]:
    """Start Ray's processes within the block outside of this process's group.

    A closed terminal, or `timeout`, ends all processes of a group, and a search without Ray's processes
    cannot end in order. They end with this process, and the kernel kills them if it dies.
    """
    from ray._private import services  # once Ray's variables are set

    popen = services.ConsolePopen
    services.ConsolePopen = partial(popen, process_group=0)
    try:
        yield
    finally:
        services.ConsolePopen = popen
