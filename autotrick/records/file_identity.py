"""Detects that an open SQLite database was deleted, moved or replaced.

SQLite itself continues with such a file: what it writes then ends up in a file that nobody can
open any more.
"""

import os
import sqlite3
from contextlib import suppress
from pathlib import Path
from threading import Lock

from sqlalchemy import URL, Connection, Engine
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import QueuePool

from autotrick.errors import RecordsError
from autotrick.records.urls import is_file, public_url

_PARTS = ("", "-wal", "-shm")
"""Suffixes of the database file, its log, and the log's index; all three exist while it is open."""

_Identity = tuple[int, int]


class WatchedFile:
    """The files of an open database, with the identity that each had when first seen."""

    def __init__(self, url: URL) -> None:
        self._shown = public_url(url)
        self._paths = [Path(f"{Path(str(url.database)).absolute()}{part}") for part in _PARTS]
        self._known: list[_Identity | None] = [None] * len(_PARTS)
        self._size = 0
        self._rescued: Path | None = None
        self._lock = Lock()

    def forget(self) -> None:
        """Forget the files' identities, after all connections were closed."""
        self._known = [None] * len(_PARTS)
        self._size = 0

    def note(self) -> None:
        """Remember the files' identities, after a transaction whose connection keeps them open."""
        if None in self._known:
            self._known = [
                known or _identity(path)
                for known, path in zip(self._known, self._paths, strict=True)
            ]

    @property
    def replaced(self) -> bool:
        """Whether another file is at the database's path."""
        found = _identity(self._paths[0])
        return None not in (found, self._known[0]) and found != self._known[0]

    def check(self) -> None:
        """Check that the files are still those that were opened.

        Raises:
            RecordsError: A file was deleted, moved or replaced; the message names it.
        """
        for known, path in zip(self._known, self._paths, strict=True):
            found = _identity(path) if known else None
            if found != known:
                what = "replaced by another file" if found else "deleted or moved"
                raise RecordsError(
                    f"the database {self._shown} cannot be used: {path.name} was {what} while it "
                    f"was open, and nothing more is recorded. {self._advice}"
                )

        if self._size and not _size(self._paths[0]):
            raise self._cut_short()

    def rescue(self, engine: Engine) -> None:
        """Copy the records into a new file beside the lost one, once, if that is possible.

        Only this process can still read the lost file.
        """
        path = Path(f"{self._paths[0]}.rescued-{os.getpid()}")
        # A new connection would create a new file.
        with self._lock, suppress(SQLAlchemyError, sqlite3.Error):
            if (
                self._rescued
                or not isinstance(engine.pool, QueuePool)
                or not engine.pool.checkedin()
            ):
                return
            connection = engine.raw_connection()
            try:
                connection.cursor().execute("VACUUM INTO ?", (str(path),))
            finally:
                connection.close()
            self._rescued = path

    @property
    def _advice(self) -> str:
        if self._rescued is None:
            return "Put it back, then go on with `autotrick resume`."
        return (
            f"What was recorded until then is in {self._rescued}. Rename it to "
            f"{self._paths[0].name}, then go on with `autotrick resume`."
        )

    def check_content(self, connection: Connection) -> None:
        """Check that a file that has become smaller is still intact, as after a vacuum.

        Raises:
            RecordsError: The file was truncated.
        """
        size = _size(self._paths[0]) if self._known[0] else 0
        smaller, self._size = size < self._size, size
        if smaller and connection.exec_driver_sql("PRAGMA quick_check(1)").scalar() != "ok":
            raise self._cut_short()

    def _cut_short(self) -> RecordsError:
        return RecordsError(
            f"the database {self._shown} cannot be used: its file was cut short while it was open. "
            "Put a copy in its place, then go on with `autotrick resume`."
        )


def watch(url: URL) -> WatchedFile | None:
    """Return a watch on the database's file; None if the database is not a file."""
    return WatchedFile(url) if is_file(url) else None


def _identity(path: Path) -> _Identity | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0
