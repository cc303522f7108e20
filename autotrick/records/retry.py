"""Retries calls while a PostgreSQL server is gone.

Only a thread that entered `retrying` waits: the driver of a search. Every function that writes is
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
from autotrick.records.retry_policy import RetryPolicy

PAUSE_S = 0.5

T = TypeVar("T")
Function = TypeVar("Function", bound=Callable[..., Any])


@contextmanager
def retrying(database: Database, limit_s: float, tell: Callable[[str], None]) -> Iterator[None]:
    """Wait up to `limit_s` seconds for a server that is gone, within the block and in this thread.

    Args:
        tell: Receives a sentence when the server is gone, and when it is back.
    """
    policy = RetryPolicy(limit_s, get_ident(), tell)
    previous, database.retry_policy = database.retry_policy, policy
    try:
        yield
    finally:
        if database.retry_policy is policy:
            database.retry_policy = previous


def repeatable(function: Function) -> Function:
    """Let a function that is one transaction be retried while the server is gone."""

    @functools.wraps(function)
    def retried(database: Database, *args: Any, **kwargs: Any) -> Any:
        prepares = database.preparing.allowed
        try:
            return function(database, *args, **kwargs)
        except OutageError as error:
            policy = database.retry_policy
            if policy is None or policy.thread != get_ident():
                raise
            policy.tell(f"{error} Retrying for up to {policy.limit_s:.0f} s.")
        except RecordsError:
            if prepares == database.preparing.allowed:
                raise
            return retried(database, *args, **kwargs)  # without prepared statements
        gone = time.monotonic()
        policy.is_retry = True
        try:
            result = _retry(lambda: function(database, *args, **kwargs), gone + policy.limit_s)
        except OutageError:
            database.retry_policy = None  # later calls do not wait as long again
            raise
        finally:
            policy.is_retry = False
        policy.tell(f"the database is back after {time.monotonic() - gone:.0f} s.")
        return result

    return cast(Function, retried)


def _retry(ask: Callable[[], T], end: float) -> T:
    while True:
        time.sleep(PAUSE_S)
        try:
            return ask()
        except OutageError:
            if time.monotonic() >= end:
                raise
