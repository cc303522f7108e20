"""Retries calls while a PostgreSQL server is gone.

Only a thread that entered `patient` waits: the driver of a search. Every function that writes is
one transaction, so a retry is safe: the server has committed either all of it or nothing.
"""

import functools
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import get_ident
from typing import Any, TypeVar, cast

from autotrick.errors import OutageError, RecordsError
from autotrick.records.database import Database
from autotrick.records.patience import Patience

PAUSE_S = 0.5

T = TypeVar("T")
Asked = TypeVar("Asked", bound=Callable[..., Any])


@contextmanager
def patient(database: Database, limit_s: float, tell: Callable[[str], None]) -> Iterator[None]:
    """Wait up to `limit_s` seconds for a server that is gone, within the block and in this thread.

    Args:
        tell: Receives a sentence when the server is gone, and when it is back.
    """
    before, database.patience = database.patience, (mine := Patience(limit_s, get_ident(), tell))
    try:
        yield
    finally:
        if database.patience is mine:
            database.patience = before


def repeatable(asked: Asked) -> Asked:
    """Let a function that is one transaction be retried while the server is gone."""

    @functools.wraps(asked)
    def asking(database: Database, *args: Any, **kwargs: Any) -> Any:
        prepares = database.preparing.allowed
        try:
            return asked(database, *args, **kwargs)
        except OutageError as error:
            patience = database.patience
            if patience is None or patience.thread != get_ident():
                raise
            patience.tell(f"{error} It is asked again for up to {patience.limit_s:.0f} s.")
        except RecordsError:
            if prepares == database.preparing.allowed:
                raise
            return asking(database, *args, **kwargs)  # without prepared statements
        gone = time.monotonic()
        patience.repeating = True
        try:
            found = _again(lambda: asked(database, *args, **kwargs), gone + patience.limit_s)
        except OutageError:
            database.patience = None  # later calls do not wait as long again
            raise
        finally:
            patience.repeating = False
        patience.tell(f"the database is back after {time.monotonic() - gone:.0f} s.")
        return found

    return cast(Asked, asking)


def _again(ask: Callable[[], T], end: float) -> T:
    while True:
        time.sleep(PAUSE_S)
        try:
            return ask()
        except OutageError:
            if time.monotonic() >= end:
                raise
