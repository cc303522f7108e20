"""Detects the end of a Ray process that a search on this machine needs."""

import os
from collections.abc import Callable, Mapping
from subprocess import Popen
from threading import Event, Thread
from typing import Any

from autotrick.errors import ResourceError
from autotrick.tune.cluster.exit_guard import Guard, describe, watch

LOOK_S = 0.5
"""Seconds between two checks of the processes."""

END_S = 30.0
"""Seconds that a search may take to end in order after one of them has ended. Ray ends its user's
process 60 s after its control server."""

_NEEDED = {"raylet": "raylet", "gcs_server": "control server"}
"""Ray's name and the common name of each; the others (dashboard, log monitor) are not needed."""


class Watch:
    """Watches Ray on this machine, from its start to its end.

    Attributes:
        guard: Prints why this process ended, if it cannot do so itself.
    """

    def __init__(self) -> None:
        self.guard = Guard()
        self._ended = Event()

    def begin(
        self,
        name: str,
        processes: Mapping[str, list[Any]],
        fail: Callable[[BaseException], None],
    ) -> None:
        """Start to watch the processes.

        Args:
            name: The study's name.
            processes: The processes that Ray has started, by its names.
            fail: Called with the exception that must end the search in order.
        """
        alive = {
            title: processes[kind][0].process
            for kind, title in _NEEDED.items()
            if processes.get(kind)
        }
        watch(self.guard, name, {title: process.pid for title, process in alive.items()})
        Thread(target=self._look, args=(name, alive, fail), name="ray-watch", daemon=True).start()

    def rest(self) -> None:
        """Stop watching: the search has ended in order, and Ray's processes will end now."""
        self._ended.set()
        self.guard.tell()

    def end(self) -> None:
        """End the guard: Ray has ended."""
        self._ended.set()
        self.guard.dismiss()

    def _look(
        self,
        name: str,
        alive: Mapping[str, "Popen[bytes]"],
        fail: Callable[[BaseException], None],
    ) -> None:
        while not self._ended.wait(LOOK_S):
            gone = [title for title, process in alive.items() if process.poll() is not None]
            if gone:
                fail(ResourceError(describe(name, gone[0])))
                break
        if not self._ended.wait(END_S):
            # Ray waits without end and cannot be interrupted. The guard prints why.
            os._exit(1)
