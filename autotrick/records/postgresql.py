"""Connects to a PostgreSQL server, directly or through a connection pooler."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import URL, Engine, create_engine, event
from sqlalchemy.exc import ArgumentError, DBAPIError, InterfaceError, OperationalError

from autotrick.errors import RecordsError, unknown
from autotrick.records.urls import POOLER_OPTIONS, public_url

_LOST_STATEMENT = frozenset({"26000", "42P05"})
"""SQLSTATEs of a prepared statement that does not exist, or exists already."""


@dataclass(slots=True)
class Preparing:
    """Whether to prepare statements on the server that are executed often.

    A pooler in transaction mode gives each transaction another connection, which lacks the
    statements that were prepared before.
    """

    allowed: bool = True


def engine_of(url: URL, preparing: Preparing) -> Engine:
    """Return the engine for a server.

    Raises:
        RecordsError: A package is missing, or the URL's hosts or options are invalid.
    """
    asked = {str(url.query.get(name, "")).lower() for name in POOLER_OPTIONS}
    preparing.allowed &= not asked & {"none", "true", "1", "on"}
    options: dict[str, Any] = {}
    if "connect_timeout" not in url.query:
        options["connect_args"] = {"connect_timeout": 10}
    try:
        _check_options(url)
        url = url.difference_update_query(POOLER_OPTIONS)
        # A ping detects connections that were lost when the server restarted.
        engine = create_engine(url, pool_pre_ping=True, **options)
    except ImportError as error:  # the package or PostgreSQL's library is missing
        raise RecordsError(
            f"{url.drivername} needs a package that is not installed: {error.name or error}. For PostgreSQL "
            "run: pip install 'autotrick[postgresql]'"
        ) from error

    except ArgumentError as error:
        raise RecordsError(
            f"the hosts in the database URL {public_url(url)} cannot be understood: {error}."
        ) from error

    def connected(connection: Any, _record: object) -> None:
        if not preparing.allowed or _is_pooled(connection):
            connection.prepare_threshold = None

    event.listen(engine, "connect", connected)
    return engine


def is_gone(error: DBAPIError) -> bool:
    """Return whether the server closed the connection, or refused one."""
    refused = error.statement is None and isinstance(error, OperationalError | InterfaceError)
    return refused or error.connection_invalidated


def is_lost_statement(error: DBAPIError) -> bool:
    """Return whether the error is about a prepared statement that was lost or exists already."""
    return getattr(error.orig, "sqlstate", None) in _LOST_STATEMENT


def _is_pooled(connection: Any) -> bool:
    """Return whether a pooler answers: it reports a process id other than the server's."""
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        (number,) = cursor.fetchone()
    connection.autocommit = False
    return bool(number != connection.info.backend_pid)


def _check_options(url: URL) -> None:
    """Check that PostgreSQL's library knows every option, and that none comes twice.

    Raises:
        RecordsError: An option is unknown, repeated, or not a whole number where it must be.
    """
    from psycopg import pq

    known = {option.keyword.decode() for option in pq.Conninfo.get_defaults()}
    for name, value in url.query.items():
        if name not in known | set(POOLER_OPTIONS):
            raise RecordsError(
                unknown("database URL option", name, known | set(POOLER_OPTIONS), plural="options")
            )
        if not isinstance(value, str) and name != "host":
            raise RecordsError(f"the database URL has the option {name} more than once.")
    for name in ("port", "connect_timeout"):
        if any(not each.isdecimal() for each in str(url.query.get(name, "0")).split(",") if each):
            raise RecordsError(f"{name} in the database URL must be a whole number.")
