"""Addresses of databases, and what of them may be shown."""

import os
import re

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from autotrick.errors import RecordsError

_SECRETS = frozenset({"password", "sslpassword"})


def public_url(url: URL) -> str:
    """Return the URL as it may be shown: without its password."""
    query = {key: value for key, value in url.query.items() if key not in _SECRETS}
    return url.set(query=query, password=None).render_as_string(hide_password=True)


def shown(url: str) -> str:
    """Return any URL as it may be shown, also one of another database or a malformed one."""
    try:
        return public_url(make_url(url))
    except (ArgumentError, ValueError):
        return re.sub(r"(://)[^/]*@", r"\1", url)


def has_password(url: str) -> bool:
    """Return whether a database's URL holds a secret.

    Raises:
        RecordsError: The URL is malformed.
    """
    parsed = parse(url)
    return parsed.password is not None or not _SECRETS.isdisjoint(parsed.query)


def no_file(url: URL) -> bool:
    """Return whether a database is a file that is not there."""
    file = url.get_backend_name() == "sqlite" and url.database not in (None, "", ":memory:")
    return file and not os.path.isfile(str(url.database))  # noqa: PTH113 -- never raises


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
