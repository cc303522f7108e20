"""Notices that a process of Ray's has ended without which a search on this machine goes nowhere."""

import os
from collections.abc import Callable, Mapping
from subprocess import Popen
from threading import Event, Thread
from typing import Any

from autotrick.errors import ResourceError
from autotrick.tune.cluster.exit_guard import Guard, describe, watch

LOOK_S = 0.5
"""Between two looks at the processes."""

END_S = 30.0
"""How long a search may take to end in order after one of them has ended. Ray ends its user's process
60 s after its control server."""

_NEEDED = {"raylet": "raylet", "gcs_server": "control server"}
"""What Ray calls them, and what people do. Others (dashboard, log monitor) are not needed."""


class Watch:
    """Looks after Ray on this machine, from its start to its end.

    Attributes:
        guard: Says why this process ended, where it cannot.
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
        """Look from now on whether the processes live.

        Args:
            name: The study's name.
            processes: What Ray has started, by its names.
            fail: Called with the exception that is to end the search in order.
        """
        alive = {
            title: processes[kind][0].process
            for kind, title in _NEEDED.items()
            if processes.get(kind)
        }
        watch(self.guard, name, {title: process.pid for title, process in alive.items()})
        Thread(target=self._look, args=(name, alive, fail), name="ray-watch", daemon=True).start()

    def rest(self) -> None:
        """Look no more: the search has ended in order, and Ray's processes are about to."""
        self._ended.set()
        self.guard.tell()

    def end(self) -> None:
        """Let the guard go: Ray has ended."""
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
            # Ray waits for what does not come, and nobody can call it back. The guard says why.
            os._exit(1)
