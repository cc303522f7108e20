"""Addresses of databases, and what of them may be shown."""

from pathlib import Path

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from autotrick.errors import RecordsError
from autotrick.redaction import redacted_url


def public_url(url: URL) -> str:
    """Return the URL as it may be shown: without its password."""
    return redacted_url(url.render_as_string(hide_password=False))


def no_file(url: URL) -> bool:
    """Return whether a database is a file that is not there."""
    file = url.get_backend_name() == "sqlite" and url.database not in (None, "", ":memory:")
    return file and not Path(str(url.database)).is_file()


def parse(url: str) -> URL:
    """Return the parts of a database's URL.

    Raises:
        RecordsError: It is malformed, or of another kind of database.
    """
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError) as error:
        raise RecordsError(
            "the database URL cannot be understood. It looks like sqlite:///autotrick.db or "
            "postgresql://user@host/name."
        ) from error
    if parsed.get_backend_name() not in {"sqlite", "postgresql"}:
        raise RecordsError(
            f"the database must be sqlite or postgresql, but got {parsed.drivername!r}."
        )
    return parsed
