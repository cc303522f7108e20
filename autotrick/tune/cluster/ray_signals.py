"""Where Ray and Ray Tune handle signals, and how they are kept from it."""

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
    """Within the block, let the first signal end Tune's loop after the step that it is at.

    Tune's own handler of SIGINT would be gone after the first, so Tune is told not to set it.
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
    """Return what asks Tune to stop, by the handler that it sets for SIGUSR1.

    Args:
        before: The handler while Tune has set none.
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
    """Put back after the block what Ray changes of this process: signal handlers and faulthandler."""
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

    A terminal that is closed, or `timeout`, tells all processes of a group to end, and without Ray's a
    search can only break off. They end with it, and the kernel kills them if it dies.
    """
    from ray._private import services  # once Ray's variables are set

    popen = services.ConsolePopen
    services.ConsolePopen = partial(popen, process_group=0)
    try:
        yield
    finally:
        services.ConsolePopen = popen
