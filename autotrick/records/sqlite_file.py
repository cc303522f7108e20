"""Opens SQLite files: one writer and many readers, also on read-only disks."""

import re
import shutil
import sqlite3
from contextlib import suppress
from os import R_OK, ST_RDONLY, W_OK, access, statvfs, supports_effective_ids
from pathlib import Path
from typing import Any
from urllib.parse import quote

from sqlalchemy import URL, Connection, Engine, event

from autotrick.errors import RecordsError
from autotrick.records.urls import is_missing_file, public_url

_FULL_B = 64 * 1024
"""Free bytes that SQLite needs even to read a file: it creates a shared page beside it."""


def check_file(url: URL, *, create: bool) -> None:
    """Check that a database file exists or can be created.

    Args:
        create: Whether the file may be missing.

    Raises:
        RecordsError: The file is missing and `create` is false, its folder is missing, the path is
            not a file, or it cannot be accessed.
    """
    file = Path(str(url.database))
    try:
        if not create and not file.is_file():
            raise missing_error(public_url(url))
        if not file.parent.is_dir():
            home = " A ~ is not replaced in a URL." if file.parts[0].startswith("~") else ""
            raise RecordsError(
                f"no folder {file.parent} for the database {public_url(url)}. Make it.{home}"
            )
        if file.exists() and not file.is_file():
            raise RecordsError(f"the database {public_url(url)} must be a file, and it is not.")
    except OSError as error:  # the name is too long, or the folder cannot be read
        raise RecordsError(
            f"the database {public_url(url)} cannot be used: {error.strerror}."
        ) from error


def missing_error(url: str) -> RecordsError:
    """Return the error for a database that does not exist."""
    name = url.removeprefix("sqlite:///").partition("?")[0]
    where = f" There is no file {Path(name).absolute()}." if name != url else ""
    return RecordsError(f"no database at {url}; studies are recorded by `autotrick search`.{where}")


def prepare(engine: Engine, *, create: bool) -> None:
    """Set up the connections of an SQLite database.

    Args:
        create: Whether the connections may write.
    """
    event.listen(engine, "connect", _prepare)
    if create:
        event.listen(engine, "connect", _use_write_ahead_log)
    event.listen(engine, "begin", _begin)
    if _is_read_only(engine.url):
        event.listen(engine, "do_connect", _open_read_only)


def explain(url: URL, cause: str) -> str:
    """Return why a file cannot be used, in clearer words than SQLite's."""
    folder = Path(url.database or "").parent
    if not re.search("disk|unable to open|readonly", cause):
        return cause
    with suppress(OSError):
        if shutil.disk_usage(folder).free < _FULL_B:
            return "there is no space left on its disk"
    if Path(url.database or "").exists() and not _may_access(str(url.database), R_OK):
        return "permission to read it is denied"
    if _may_access(str(folder), W_OK):
        return cause
    said = f"the folder {folder} cannot be written"
    # A complete file on a read-only disk can be read.
    return said if _is_read_only(url) else f"{said}, and SQLite writes there even to read"


def _may_access(path: str, mode: int) -> bool:
    return access(path, mode, effective_ids=access in supports_effective_ids)


def _is_read_only(url: URL) -> bool:
    """Return whether a file is on a read-only disk and complete, with nothing left in its log."""
    if not url.database or url.query or is_missing_file(url):
        return False
    read_only = statvfs(Path(url.database).parent).f_flag & ST_RDONLY
    return bool(read_only) and not Path(f"{url.database}-wal").exists()


def _open_read_only(
    _dialect: object, _record: object, words: list[Any], options: dict[str, Any]
) -> Any:
    # Readers share a page of memory in a file, which cannot be created here and is not needed.
    uri = f"file:{quote(str(Path(words[0]).absolute()))}?immutable=1"
    return sqlite3.connect(uri, uri=True, **options)


def _prepare(connection: Any, _record: object) -> None:
    # SQLAlchemy's "begin" event starts transactions: Python's sqlite3 would start them late and
    # leave reads outside.
    connection.isolation_level = None
    for pragma in ("busy_timeout = 30000", "synchronous = NORMAL", "foreign_keys = ON"):
        connection.execute(f"PRAGMA {pragma}")


def _use_write_ahead_log(connection: Any, _record: object) -> None:
    # The file keeps this mode, so only connections that may write set it.
    connection.execute("PRAGMA journal_mode = WAL")


def _begin(connection: Connection) -> None:
    # A writer takes the lock at once: taking it after a read would fail without waiting.
    writes = connection.get_execution_options().get("autotrick_writes")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
