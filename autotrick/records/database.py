"""Opens the results database: an SQLite file, or a PostgreSQL database that a team can share."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, inspect, text
from sqlalchemy.dialects import postgresql as pg
from sqlalchemy.dialects import sqlite
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.pool import StaticPool

from autotrick.errors import OutageError, RecordsError
from autotrick.records import postgresql, sqlite_file
from autotrick.records.clocks import Clock, Now, utc_now, working_time
from autotrick.records.file_identity import WatchedFile, watch
from autotrick.records.migrations import REVISIONS, migrate
from autotrick.records.other_versions import OPTION
from autotrick.records.retry_policy import RetryPolicy
from autotrick.records.schema import VERSION_TABLE, Base
from autotrick.records.urls import default_database, is_file, is_missing_file, parse, public_url
from autotrick.redaction import redacted

# Any fixed number: every migration of a PostgreSQL database takes this advisory lock first.
_MIGRATION_LOCK = 0x6175746F


class Database:
    """A connection to the results database; threads may share it, processes may not.

    Attributes:
        url: The database's URL without the password.
        dialect: `sqlite` or `postgresql`.
        clock: Returns the times that writes record.
        preparing: Whether the server keeps prepared statements.
        retry_policy: How to wait for a server that is gone; `retry.retrying` sets it.
        stand_in: An empty database to read until the first write creates the real one; None once
            the real one exists.
        unread: Collects sentences about records of another version that could not be read; None
            makes such records an error.
    """

    def __init__(
        self,
        engine: Engine,
        *,
        clock: Now,
        preparing: postgresql.Preparing,
        unread: list[str] | None = None,
    ) -> None:
        self._engine = engine
        self._file = watch(engine.url)
        self._written = False
        self.preparing = preparing
        self.stand_in: Engine | None = None
        self._writing = engine.execution_options(autotrick_writes=True)
        self.url = public_url(engine.url)
        self.dialect = engine.dialect.name
        # By default PostgreSQL shows each statement what was committed before it.
        options: dict[str, Any] = {OPTION: unread}
        if self.dialect != "sqlite":
            options |= {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
        self._reading = engine.execution_options(**options)
        self.unread = unread
        self.clock = clock
        self.retry_policy: RetryPolicy | None = None

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Yield a connection that sees one state of the database, whatever others write meanwhile.

        Raises:
            RecordsError: The database cannot be reached or read.
        """
        if self.stand_in is not None:
            with self._clear_errors(), self.stand_in.begin() as connection:
                yield connection
            return
        if self._file and self._file.replaced and not self._written:
            self.close()  # a process that only reads continues with the new file
        with self._on_file(self._reading) as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Yield a connection that commits all changes, or none if the block raises.

        Raises:
            RecordsError: The database cannot be reached or written.
        """
        if self.stand_in is not None:
            self.stand_in = None
            _upgrade(self)
        self._written = True
        with self._on_file(self._writing) as connection:
            yield connection

    @contextmanager
    def _on_file(self, engine: Engine) -> Iterator[Connection]:
        """Yield a connection to the file that was opened, never to another file at its path."""
        file = self._file
        if file:
            self._check(file)
        with self._clear_errors(), engine.begin() as connection:
            if file:
                file.check_content(connection)
            yield connection
        if file:
            file.note()

    @property
    def full_url(self) -> URL:
        """The database's URL, with the password."""
        return self._engine.url

    @property
    def is_retry(self) -> bool:
        """Whether the current call may have been committed before, with the answer lost."""
        return self.retry_policy is not None and self.retry_policy.is_retry

    def _check(self, file: WatchedFile) -> None:
        try:
            file.check()
        except RecordsError:
            if not self._written:
                raise
            file.rescue(self._engine)
            file.check()

    def working_time(self) -> datetime:
        """Return the time that measures attempts; it stops while the machine sleeps."""
        return working_time(self.clock)

    def close(self) -> None:
        """Close the connections; the database can be used again afterwards."""
        self._engine.dispose()
        if self._file:
            self._file.forget()

    def __enter__(self) -> "Database":
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    @contextmanager
    def _clear_errors(self) -> Iterator[None]:
        try:
            yield
        except DBAPIError as error:
            if postgresql.is_lost_statement(error):
                raise self._lost_statement() from error
            outage = self.dialect == "postgresql" and postgresql.is_gone(error)
            kind = OutageError if outage else RecordsError
            cause = str(error.orig)
            if self.dialect == "sqlite":
                cause = sqlite_file.explain(self._engine.url, cause)
            raise kind(self._message(cause)) from error
        except SQLAlchemyError as error:
            raise RecordsError(self._message(str(error))) from error
        except UnicodeEncodeError as error:
            raise RecordsError(
                f"names in the database are UTF-8 text, but got {error.object!r}."
            ) from error
        except OverflowError as error:  # SQLite's driver does not wrap Python's own
            raise RecordsError("whole numbers in the database are below 2^63.") from error

    def _lost_statement(self) -> RecordsError:
        """Stop preparing statements; return the error for a caller that does not retry."""
        self.preparing.allowed = False
        self.close()
        return RecordsError(
            f"the database {self.url} is behind a pooler in transaction mode, such as PgBouncer, and "
            "a prepared statement is lost. Add prepare_threshold=none to the URL: "
            "postgresql://USER@HOST/NAME?prepare_threshold=none"
        )

    def _message(self, cause: str) -> str:
        """Return the message for the user, without the password that the driver may quote."""
        first = cause.strip().partition("\n")[0].rstrip(".")
        secret = self._engine.url.render_as_string(hide_password=False)
        return f"the database {self.url} cannot be used: {redacted(first, secret)}."


def open_database(
    url: str | None = None,
    *,
    create: bool = True,
    late: bool = False,
    clock: Now | None = None,
    unread: list[str] | None = None,
) -> Database:
    """Open the results database, and create its tables if it is empty.

    Args:
        url: `sqlite:///autotrick.db`, or `postgresql://user@host/name`. None takes the URL in the
            environment variable AUTOTRICK_DATABASE, or else `sqlite:///autotrick.db`.
        create: Whether to create a missing database. False never writes anything, and a missing
            database is an error.
        late: Whether to create a missing database only with the first write, so that a command that
            stops on an error before leaves nothing behind.
        clock: Returns the times that writes record, in UTC. None takes PostgreSQL's clock, so that
            drivers on several machines agree on heartbeats, and this machine's clock for a file.
            Attempts use neither: setting a clock does not change their durations.
        unread: Collects sentences about what another version recorded and this one cannot read; the
            rest is shown. None makes that an error.

    Raises:
        RecordsError: The URL is malformed, the database is missing or cannot be reached, or its
            schema is older or newer than this autotrick.
    """
    url = default_database() if url is None else url
    database = _connect(url, create=create, clock=clock or Clock(utc_now()), unread=unread)
    try:
        revision = None
        if not (late and is_missing_file(database.full_url)):
            with database.reading() as connection:
                revision = _revision(connection)
                if clock is None and database.dialect == "postgresql":
                    database.clock = _server_clock(connection)
        if revision is None and late:
            database.stand_in = create_engine("sqlite://", poolclass=StaticPool)
            Base.metadata.create_all(database.stand_in)
        elif revision is None and create:
            _upgrade(database)
        else:
            _check(database, revision)
    except BaseException:
        database.close()
        raise
    return database


def upgrade_database(url: str) -> tuple[str, str]:
    """Migrate a database to this autotrick's schema; return the revisions before and after.

    Raises:
        RecordsError: The database does not exist, or its schema is newer than this autotrick.
    """
    with _connect(url, create=False, clock=Clock(utc_now(), utc_now)) as database:
        with database.reading() as connection:
            revision = _revision(connection)
        if revision not in REVISIONS:
            _check(database, revision)
        _upgrade(database)
    assert revision is not None
    return revision, REVISIONS[-1]


def upsert(dialect: str, table: type[Base]) -> sqlite.Insert | pg.Insert:
    """Return an INSERT that has ON CONFLICT clauses, in the database's dialect."""
    return sqlite.insert(table) if dialect == "sqlite" else pg.insert(table)


def _connect(url: str, *, create: bool, clock: Now, unread: list[str] | None = None) -> Database:
    parsed = parse(url)
    preparing = postgresql.Preparing()
    if is_file(parsed):
        sqlite_file.check_file(parsed, create=create)
        engine = create_engine(parsed)
        sqlite_file.prepare(engine, create=create)
    else:
        engine = postgresql.engine_of(parsed, preparing)
    return Database(engine, clock=clock, preparing=preparing, unread=unread)


def _revision(connection: Connection) -> str | None:
    if not inspect(connection).has_table(VERSION_TABLE):
        return None
    row = connection.execute(text(f"SELECT version_num FROM {VERSION_TABLE}")).first()
    return None if row is None else str(row[0])


def _server_clock(connection: Connection) -> Clock:
    """Return a clock that starts at the server's current time."""
    asked = time.monotonic()
    there: datetime = connection.execute(text("SELECT clock_timestamp()")).scalar_one()
    return Clock(there.astimezone(UTC) + timedelta(seconds=(time.monotonic() - asked) / 2))


def _check(database: Database, revision: str | None) -> None:
    newest = REVISIONS[-1]
    if revision is None:
        raise sqlite_file.missing_error(database.url)
    if revision not in REVISIONS:
        raise RecordsError(
            f"the database is at schema {revision}, which is newer than this autotrick's {newest}. "
            "Install a newer autotrick."
        )
    if revision != newest:
        raise RecordsError(
            f"the database is at schema {revision} and this autotrick needs {newest}. "
            "Run: autotrick database upgrade"
        )


def _upgrade(database: Database) -> None:
    with database.writing() as connection:
        if database.dialect == "postgresql":
            connection.execute(text(f"SELECT pg_advisory_xact_lock({_MIGRATION_LOCK})"))
        migrate(connection)
