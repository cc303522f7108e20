"""Parses database URLs, and shows them without their passwords."""

import os
import re
from contextlib import suppress
from pathlib import Path
from urllib.parse import unquote

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from autotrick.bounded_file import is_regular
from autotrick.errors import RecordsError
from autotrick.redaction import redacted_url

DEFAULT_DATABASE = "sqlite:///autotrick.db"
"""The default: a file in the working folder."""
VARIABLE = "AUTOTRICK_DATABASE"
"""The environment variable with the URL of the database for commands that name none."""

POOLER_OPTIONS = ("prepare_threshold", "pgbouncer")
"""`prepare_threshold=none` and `pgbouncer=true` turn off prepared statements, for poolers."""

_NOT_UNDERSTOOD = (
    "the database URL cannot be understood. It looks like sqlite:///autotrick.db or "
    "postgresql://user@host/name."
)
# Splits a URL as SQLAlchemy does, but allows each `@` only where its meaning is clear.
_POSTGRESQL = re.compile(
    r"(?P<user>[^:/?@]*(?::(?P<password>[^@]*))?@)?(?P<hosts>[^/?@]*)(?P<name>/[^?@]*)?"
    r"(?:\?(?P<query>.*))?"
)
_HOST = re.compile(r"(?:\[(?P<v6>[^\]]+)\]|(?P<name>[^:\[\]]*))(?::(?P<port>\d*))?")
_LONGEST = 65536
"""Bytes to read of a file with a URL."""


def default_database() -> str:
    """Return the URL for commands that name no database."""
    return os.environ.get(VARIABLE) or DEFAULT_DATABASE


def public_url(url: URL) -> str:
    """Return the URL without its password."""
    return redacted_url(url.render_as_string(hide_password=False))


def is_file(url: URL) -> bool:
    """Return whether a database is a file, existing or not."""
    return url.get_backend_name() == "sqlite" and url.database not in (None, "", ":memory:")


def is_missing_file(url: URL) -> bool:
    """Return whether a database is a file that does not exist."""
    return is_file(url) and not os.path.isfile(str(url.database))  # noqa: PTH113 -- never raises


def parse(url: str) -> URL:
    """Parse a database's URL; `@FILE` names a file whose only line is the URL.

    Such a file keeps a password out of command lines, environments and Ray's list of jobs.

    Raises:
        RecordsError: The URL is malformed or names another kind of database, or the file cannot be
            read.
    """
    if url.startswith("@"):
        url = _read_url_file(url[1:])
    url = url.strip()
    if not url.isprintable() or "%00" in url:
        raise RecordsError(
            "the database URL has a line break or another character that cannot be printed. Write "
            "it on one line."
        )
    scheme, mark, rest = url.partition("://")
    if not mark:
        raise RecordsError(_NOT_UNDERSTOOD + _file_hint(url))
    scheme = scheme.lower().strip()
    scheme = "postgresql" if scheme == "postgres" else scheme
    if scheme.partition("+")[0] not in {"sqlite", "postgresql"}:
        raise RecordsError(f"the database must be sqlite or postgresql, but got {scheme!r}.")
    return _sqlite(scheme, rest) if scheme.startswith("sqlite") else _postgresql(scheme, rest)


def _file_hint(url: str) -> str:
    """Return a hint that writes the path as a URL; empty if the text may hold a secret."""
    path = re.sub("^sqlite:", "", url, flags=re.IGNORECASE)
    if not path or re.search("[@=:]", path):
        return ""
    return f" For the file {path}: sqlite:///{path}"


def _sqlite(scheme: str, rest: str) -> URL:
    if scheme not in {"sqlite", "sqlite+pysqlite"}:
        raise RecordsError(f"no driver named {scheme!r}. Write sqlite:///FILE.")
    if not rest.startswith("/") and rest:
        raise RecordsError(
            f"an SQLite URL has three slashes before its file, but got sqlite://{rest}. Write "
            f"sqlite:///{rest}, or sqlite:////FOLDER/FILE for a path from the root on."
        )
    path = rest[1:]
    if path in ("", ":memory:"):
        raise RecordsError(
            "an SQLite URL without a file is a database in memory, which nobody could read "
            "afterwards. Write sqlite:///FILE."
        )
    if "?" in path or path.lower().startswith("file:"):
        raise RecordsError(
            f"an SQLite URL takes a path and no options, but got sqlite:///{path}. Write "
            "sqlite:///FILE, with %3F for a question mark in the name."
        )
    if path.endswith("/"):
        raise RecordsError(
            f"an SQLite URL names a file, but got the folder sqlite:///{path}. Write "
            f"sqlite:///{path}autotrick.db."
        )
    return make_url(f"sqlite:///{path}")


def _postgresql(scheme: str, rest: str) -> URL:
    if scheme not in {"postgresql", "postgresql+psycopg"}:
        raise RecordsError(
            f"autotrick reaches PostgreSQL by psycopg alone, but got {scheme}://. Write "
            "postgresql://USER@HOST/NAME."
        )
    parts = _POSTGRESQL.fullmatch(rest)
    if parts is None or (parts["password"] and "@" in (parts["query"] or "")):
        raise RecordsError(
            "the database URL has more than one @, or a / before it, so that its password cannot be "
            "told from its host. Up to the host write %40 for @, %2F for /, %3A for :, %3F for ?, "
            "%23 for # and %25 for %."
        )
    blanks = re.search(r"\s", f"{parts['hosts']}{parts['query']}")
    try:
        if blanks:
            raise ValueError("a blank")
        hosts = _host_options(parts["hosts"])
        own = "" if hosts else parts["hosts"]
        options = "" if parts["query"] is None else "?" + parts["query"].replace("@", "%40")
        parsed = make_url(f"{scheme}://{parts['user'] or ''}{own}{parts['name'] or ''}{options}")
        return parsed if hosts is None else parsed.update_query_dict(hosts)
    except (ArgumentError, ValueError) as error:
        raise RecordsError(
            f"{_NOT_UNDERSTOOD} A port is a number, an IPv6 address stands in brackets as [::1], and "
            "blanks are written %20."
        ) from error


def _host_options(hosts: str) -> dict[str, str] | None:
    """Return hosts and ports as URL options if there are several or a socket's folder; else None.

    Raises:
        ValueError: The hosts are malformed.
    """
    if "," not in hosts and "%2f" not in hosts.lower():
        return None
    found = [_HOST.fullmatch(each) for each in hosts.split(",")]
    if None in found:
        raise ValueError("a host")
    names = [unquote((each["v6"] or each["name"]) if each else "") for each in found]
    ports = [(each["port"] or "") if each else "" for each in found]
    options = {"host": ",".join(names)}
    return options | ({"port": ",".join(ports)} if any(ports) else {})


def _read_url_file(name: str) -> str:
    file = Path(name)
    with suppress(RuntimeError):  # the user in `~user` does not exist
        file = file.expanduser()
    if not name or not is_regular(file):
        raise RecordsError(f"no file {name!r} with the database's URL. Write @FILE.")
    try:
        with file.open("rb") as opened:
            return opened.read(_LONGEST).decode("utf-8-sig").strip()
    except OSError as error:
        raise RecordsError(f"{file} cannot be read: {error.strerror or error}.") from error
    except UnicodeDecodeError as error:
        raise RecordsError(f"{file} must hold the database's URL as UTF-8 text.") from error
