"""Addresses of databases, and what of them may be shown."""

from pathlib import Path

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from autotrick.errors import RecordsError
from autotrick.redaction import redacted_url

_LONGEST = 65536
"""Bytes of a file with a URL that are read."""


def public_url(url: URL) -> str:
    """Return the URL as it may be shown: without its password."""
    return redacted_url(url.render_as_string(hide_password=False))


def is_file(url: URL) -> bool:
    """Return whether a database is a file, there or not."""
    return url.get_backend_name() == "sqlite" and url.database not in (None, "", ":memory:")


def no_file(url: URL) -> bool:
    """Return whether a database is a file that is not there."""
    return is_file(url) and not Path(str(url.database)).is_file()


def parse(url: str) -> URL:
    """Return the parts of a database's URL; `@FILE` names a file whose only line is the URL.

    Such a file keeps a password out of command lines, environments and Ray's list of jobs.

    Raises:
        RecordsError: It is malformed, or of another kind of database, or the file cannot be read.
    """
    if url.startswith("@"):
        url = _read(Path(url[1:]))
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


def _read(file: Path) -> str:
    if not file.is_file():
        raise RecordsError(f"no file {file} with the database's URL.")
    try:
        with file.open("rb") as opened:
            return opened.read(_LONGEST).decode("utf-8-sig").strip()
    except OSError as error:
        raise RecordsError(f"{file} cannot be read: {error.strerror or error}.") from error
    except UnicodeDecodeError as error:
        raise RecordsError(f"{file} must hold the database's URL as UTF-8 text.") from error
