"""The interface that decides what Ray does, and how its exceptions pass through Ray unchanged."""

from collections.abc import Callable
from typing import Any, Protocol, TypeVar

T = TypeVar("T")


class Conductor(Protocol):
    """Decides what Ray does; handles are Ray's trial ids."""

    @property
    def finished(self) -> bool:
        """Whether there will be no further assignment."""

    @property
    def halted(self) -> bool:
        """Whether waiting trials must not start and no worker is running."""

    def next(self, handle: str) -> dict[str, Any] | None:
        """Return the next assignment; None if there is none now."""

    def on_start(self, handle: str, node: str) -> None:
        """A worker begins an attempt."""

    def on_message(self, handle: str, text: str) -> bool:
        """A worker sent a message; return whether the trial goes on."""

    def on_lost(self, handle: str) -> None:
        """The worker died, or none could start; its trial may be assigned again."""

    def renew(self) -> None:
        """Time has passed."""

    def hanging(self) -> list[str]:
        """Return the trials whose workers must be stopped; `on_lost` follows."""


class Lost(BaseException):
    """Ray has lost a process that it needs. Not an Exception: Tune would catch it and go on."""


class Guarded:
    """A conductor whose first exception ends the run in order and is raised after the run.

    Ray would wrap it into its own exception, or log it and go on.

    Attributes:
        lost: Whether Ray has lost a process that it needs.
    """

    def __init__(self, conductor: Conductor) -> None:
        self._conductor = conductor
        self._error: BaseException | None = None
        self.lost = False

    @property
    def finished(self) -> bool:
        return self._guard(lambda: self._conductor.finished, True)

    @property
    def halted(self) -> bool:
        return self._guard(lambda: self._conductor.halted, True)

    def next(self, handle: str) -> dict[str, Any] | None:
        return self._guard(lambda: self._conductor.next(handle), None)

    def on_start(self, handle: str, node: str) -> None:
        self._guard(lambda: self._conductor.on_start(handle, node), None)

    def on_message(self, handle: str, text: str) -> bool:
        return self._guard(lambda: self._conductor.on_message(handle, text), False)

    def on_lost(self, handle: str) -> None:
        self._guard(lambda: self._conductor.on_lost(handle), None)

    def renew(self) -> None:
        self._guard(self._conductor.renew, None)

    def hanging(self) -> list[str]:
        return self._guard(self._conductor.hanging, [])

    def fail(self, error: BaseException) -> None:
        """Let the next call leave Tune, whose own shutdown waits for processes that are gone."""
        self._error = self._error or error
        self.lost = True

    def raise_error(self) -> None:
        """Raise what a call of the conductor raised, if one did."""
        if self._error is not None:
            raise self._error

    def _guard(self, call: Callable[[], T], ended: T) -> T:
        if self.lost:
            raise Lost
        if self._error is not None:
            return ended
        try:
            return call()
        except BaseException as error:
            self._error = error
            return ended
