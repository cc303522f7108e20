"""Opens the results database: an SQLite file, or a PostgreSQL database that may be shared."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, inspect, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import (
    DBAPIError,
    InterfaceError,
    NoSuchModuleError,
    OperationalError,
    SQLAlchemyError,
)
from sqlalchemy.pool import StaticPool

from autotrick.errors import OutageError, RecordsError
from autotrick.records import sqlite_file
from autotrick.records.migrations import REVISIONS, migrate
from autotrick.records.other_versions import OPTION
from autotrick.records.schema import VERSION_TABLE, Base
from autotrick.records.urls import no_file, parse, public_url

# Any fixed number: everyone who migrates a PostgreSQL database takes this advisory lock first.
_MIGRATION_LOCK = 0x6175746F


def utc_now() -> datetime:
    """Return the present moment, aware and in UTC."""
    return datetime.now(UTC)


@dataclass(slots=True)
class Patience:
    """How a server that is gone is waited for.

    Attributes:
        limit_s: For so many seconds.
        thread: Who waits; others are told at once.
        tell: Told in a sentence when the server is found gone, and when it is back.
        repeating: Whether what is asked now may have been done before, with its answer lost.
    """

    limit_s: float
    thread: int
    tell: Callable[[str], None]
    repeating: bool = False


class Database:
    """A connection to the results database; threads may share it, processes may not.

    Attributes:
        url: Where it is, without the password.
        dialect: `sqlite` or `postgresql`.
        clock: Gives the times that writes record.
        patience: With a server that is gone; `outages.patient` sets it.
        stand_in: What is read until the first write makes the database; None where it is made.
        unread: Sentences on what of another version's records could not be read; None where that
            is an error.
    """

    def __init__(
        self,
        engine: Engine,
        *,
        clock: Callable[[], datetime] = utc_now,
        unread: list[str] | None = None,
    ) -> None:
        self._engine = engine
        self.stand_in: Engine | None = None
        self._writing = engine.execution_options(autotrick_writes=True)
        self.url = public_url(engine.url)
        self.dialect = engine.dialect.name
        # PostgreSQL by itself shows every statement what was committed until then.
        options: dict[str, Any] = {OPTION: unread}
        if self.dialect != "sqlite":
            options |= {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
        self._reading = engine.execution_options(**options)
        self.unread = unread
        self.clock = clock
        self.patience: Patience | None = None

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Give a connection that sees one state of the database, whatever others write meanwhile.

        Raises:
            RecordsError: The database cannot be reached or read.
        """
        with self._sentences(), (self.stand_in or self._reading).begin() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Give a connection whose changes are all kept, or none if the block raises.

        Raises:
            RecordsError: The database cannot be reached or written.
        """
        if self.stand_in is not None:
            self.stand_in = None
            _upgrade(self)
        with self._sentences(), self._writing.begin() as connection:
            yield connection

    @property
    def repeating(self) -> bool:
        """Whether what is asked now may have been done before, with its answer lost."""
        return self.patience is not None and self.patience.repeating

    def close(self) -> None:
        """Give back the connections; the database may be used again afterwards."""
        self._engine.dispose()

    def __enter__(self) -> "Database":
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    @contextmanager
    def _sentences(self) -> Iterator[None]:
        try:
            yield
        except DBAPIError as error:
            kind = OutageError if self.dialect == "postgresql" and _gone(error) else RecordsError
            cause = str(error.orig)
            if self.dialect == "sqlite":
                cause = sqlite_file.explained(self._engine.url, cause)
            raise kind(_sentence(self.url, cause)) from error
        except SQLAlchemyError as error:
            raise RecordsError(_sentence(self.url, str(error))) from error
        except UnicodeEncodeError as error:
            raise RecordsError(
                f"names in the database are UTF-8 text, but got {error.object!r}."
            ) from error
        except OverflowError as error:  # SQLite's driver lets Python's own pass
            raise RecordsError("whole numbers in the database are below 2^63.") from error


def open_database(
    url: str,
    *,
    create: bool = True,
    late: bool = False,
    clock: Callable[[], datetime] | None = None,
    unread: list[str] | None = None,
) -> Database:
    """Open the results database, and make it first if it is empty.

    Args:
        url: `sqlite:///autotrick.db`, or `postgresql://user@host/name`.
        create: Whether to make what is missing. Without it nothing is ever written, and a database
            that is not there is an error.
        late: Whether what is missing is made with the first write: who refuses before leaves nothing.
        clock: Gives the times that writes record, UTC; None takes PostgreSQL's own, by which drivers
            on several machines agree who was heard of last, and this machine's for a file.
        unread: Is told what another version recorded that this one cannot read, so that the rest is
            shown; None makes that an error.

    Raises:
        RecordsError: The URL is malformed, the database cannot be reached, its schema is older or
            newer than this autotrick, or it is missing.
    """
    database = _connect(url, create=create, clock=clock or utc_now, unread=unread)
    try:
        found = None
        if not (late and no_file(parse(url))):
            with database.reading() as connection:
                found = _revision(connection)
                if clock is None and database.dialect == "postgresql":
                    database.clock = _server_clock(connection)
        if found is None and late:
            database.stand_in = create_engine("sqlite://", poolclass=StaticPool)
            Base.metadata.create_all(database.stand_in)
        elif found is None and create:
            _upgrade(database)
        else:
            _check(database, found)
    except BaseException:
        database.close()
        raise
    return database


def upgrade_database(url: str) -> tuple[str, str]:
    """Bring an existing database to this autotrick's schema; return the revisions before and after.

    Raises:
        RecordsError: There is no database, or its schema is newer than this autotrick.
    """
    with _connect(url, create=False, clock=utc_now) as database:
        with database.reading() as connection:
            found = _revision(connection)
        if found not in REVISIONS:
            _check(database, found)
        _upgrade(database)
    assert found is not None
    return found, REVISIONS[-1]


def upsert(dialect: str, table: type[Base]) -> sqlite.Insert | postgresql.Insert:
    """Return an INSERT that can say what happens to a row that is there already."""
    return sqlite.insert(table) if dialect == "sqlite" else postgresql.insert(table)


def _connect(
    url: str, *, create: bool, clock: Callable[[], datetime], unread: list[str] | None = None
) -> Database:
    engine = _engine(parse(url))
    if engine.dialect.name == "sqlite":
        try:
            sqlite_file.check_file(engine.url, create=create)
            sqlite_file.prepare(engine, create=create)
        except OSError as error:  # the name is too long, or a folder may not be looked into
            cause = error.strerror or str(error)
            raise RecordsError(_sentence(public_url(engine.url), cause)) from error
    return Database(engine, clock=clock, unread=unread)


def _engine(url: URL) -> Engine:
    options: dict[str, Any] = {}
    if url.get_backend_name() == "postgresql":
        # A ping finds connections that a restart of the server has cut.
        options["pool_pre_ping"] = True
        if "connect_timeout" not in url.query:
            options["connect_args"] = {"connect_timeout": 10}
    try:
        return create_engine(url, **options)
    except ModuleNotFoundError as error:
        raise RecordsError(
            f"{url.drivername} needs a package that is not installed: {error.name}. For PostgreSQL "
            "run: pip install 'autotrick[postgresql]'"
        ) from error
    except NoSuchModuleError as error:
        raise RecordsError(f"no driver named {url.drivername!r}.") from error


def _revision(connection: Connection) -> str | None:
    if not inspect(connection).has_table(VERSION_TABLE):
        return None
    row = connection.execute(text(f"SELECT version_num FROM {VERSION_TABLE}")).first()
    return None if row is None else str(row[0])


def _server_clock(connection: Connection) -> Callable[[], datetime]:
    """Return the server's clock as this machine's, set right once."""
    before = utc_now()
    there: datetime = connection.execute(text("SELECT clock_timestamp()")).scalar_one()
    ahead = there.astimezone(UTC) - (before + (utc_now() - before) / 2)
    return lambda: utc_now() + ahead


def _check(database: Database, found: str | None) -> None:
    newest = REVISIONS[-1]
    if found is None:
        raise sqlite_file.missing(database.url)
    if found not in REVISIONS:
        raise RecordsError(
            f"the database is at schema {found}, which is newer than this autotrick's {newest}. "
            "Install a newer autotrick."
        )
    if found != newest:
        raise RecordsError(
            f"the database is at schema {found} and this autotrick needs {newest}. "
            "Run: autotrick database upgrade"
        )


def _upgrade(database: Database) -> None:
    with database.writing() as connection:
        if database.dialect == "postgresql":
            connection.execute(text(f"SELECT pg_advisory_xact_lock({_MIGRATION_LOCK})"))
        migrate(connection)


def _gone(error: DBAPIError) -> bool:
    """Return whether the server cut the connection, or did not give one."""
    refused = error.statement is None and isinstance(error, OperationalError | InterfaceError)
    return refused or error.connection_invalidated


def _sentence(url: str, cause: str) -> str:
    first = cause.strip().partition("\n")[0].rstrip(".")
    return f"the database {url} cannot be used: {first}."
