"""How long to wait for a database server that is gone."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(slots=True)
class RetryPolicy:
    """How to wait for a server that is gone.

    Attributes:
        limit_s: Seconds to wait at most.
        thread: Id of the thread that waits; in other threads the error is raised at once.
        tell: Receives a sentence when the server is gone, and when it is back.
        is_retry: Whether the current call may have been committed before, with the answer lost.
    """

    limit_s: float
    thread: int
    tell: Callable[[str], None]
    is_retry: bool = False
