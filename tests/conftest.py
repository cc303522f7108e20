"""Fixtures that several parts share: the two databases, and how Hypothesis looks for examples."""

import os
import pwd
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from signal import SIGINT
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest
from hypothesis import settings
from sqlalchemy import make_url

if TYPE_CHECKING:
    from autotrick.records import Database

settings.register_profile("autotrick", derandomize=True, deadline=None, database=None)
settings.load_profile("autotrick")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--update-golden",
        action="store_true",
        help="Accept what comes out now as the golden files; say why in the commit.",
    )


class PostgresServer:
    """A private PostgreSQL server on a Unix socket in a folder of its own."""

    def __init__(self, binaries: Path, folder: Path, user: str | None) -> None:
        self.folder = folder
        self._binaries = binaries
        # PostgreSQL refuses to run as root.
        self._as_user = ["setpriv", f"--reuid={user}", "--init-groups"] if user else []
        self._process: subprocess.Popen[bytes] | None = None
        self._free: list[str] = []
        self._made = 0
        self._run(
            "initdb",
            "-D",
            folder / "data",
            "-U",
            "autotrick",
            "-A",
            "trust",
            "-E",
            "UTF8",
            "--no-locale",
        )
        self.start()

    def start(self) -> None:
        command = self._command("postgres", "-D", self.folder / "data", "-k", self.folder)
        command += ["-c", "listen_addresses=", "-c", "fsync=off"]
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(command, stdout=log, stderr=log, cwd=self.folder)
        for _ in range(600):
            if not self._psql("SELECT 1", check=False):
                return
            time.sleep(0.05)
        pytest.fail(f"PostgreSQL did not start:\n{(self.folder / 'log').read_text()}")

    def stop(self) -> None:
        """Cut every connection and end."""
        assert self._process is not None
        self._process.send_signal(SIGINT)
        self._process.wait()

    def new_database(self) -> str:
        """Return the URL of a database with nothing in it."""
        if self._free:
            url = self._free.pop()
            self._psql("DROP SCHEMA public CASCADE; CREATE SCHEMA public", database=_name(url))
            return url
        self._made += 1
        self._psql(f"CREATE DATABASE test_{self._made}")
        return f"postgresql://autotrick@/test_{self._made}?host={quote(str(self.folder))}"

    def give_back(self, url: str) -> None:
        """Let another test have the database, emptied."""
        self._free.append(url)

    def _psql(self, sql: str, *, database: str = "postgres", check: bool = True) -> int:
        where = ("-h", self.folder, "-U", "autotrick", "-d", database)
        return self._run("psql", *where, "-qtc", sql, check=check)

    def _command(self, program: str, *options: str | Path) -> list[str]:
        return [*self._as_user, str(self._binaries / program), *map(str, options)]

    def _run(self, program: str, *options: str | Path, check: bool = True) -> int:
        command = self._command(program, *options)
        done = subprocess.run(command, capture_output=True, cwd=self.folder, check=False)
        assert not check or done.returncode == 0, done.stderr.decode()
        return done.returncode


class SqliteFolder:
    """Gives SQLite files of a folder, as the server gives databases."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._made = 0

    def new_database(self) -> str:
        self._made += 1
        return f"sqlite:///{self._folder}/autotrick_{self._made}.db"

    def give_back(self, url: str) -> None:
        """Leave the file for whoever looks into a test that failed."""


Databases = PostgresServer | SqliteFolder


def _name(url: str) -> str:
    return make_url(url).database or ""


def _binaries() -> Path | None:
    newest_first = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"), reverse=True)
    found = shutil.which("postgres") or next(iter(newest_first), None)
    return Path(found).resolve().parent if found else None


@pytest.fixture(scope="session")
def postgresql() -> Iterator[PostgresServer]:
    """A running server; skips where there is none, but never in CI."""
    binaries = _binaries()
    if binaries is None:
        message = "no PostgreSQL server here; on Debian: apt install postgresql"
        if os.environ.get("CI") == "true":
            pytest.fail(message)
        pytest.skip(message)
    folder = Path(tempfile.mkdtemp(prefix="autotrick-pg-", dir="/tmp"))
    user = None
    if os.geteuid() == 0:
        known = {entry.pw_name for entry in pwd.getpwall()}
        user = "postgres" if "postgres" in known else "nobody"
        shutil.chown(folder, user)
    server = PostgresServer(binaries, folder, user)
    yield server
    server.stop()
    shutil.rmtree(folder)


@pytest.fixture(
    scope="session", params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)]
)
def databases(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Databases:
    """Where to get empty databases: SQLite first, then PostgreSQL."""
    if request.param == "postgresql":
        server: PostgresServer = request.getfixturevalue("postgresql")
        return server
    return SqliteFolder(tmp_path_factory.mktemp("databases"))


@pytest.fixture
def database_url(databases: Databases) -> Iterator[str]:
    """The URL of an empty database."""
    url = databases.new_database()
    yield url
    databases.give_back(url)


@pytest.fixture
def database(database_url: str) -> Iterator["Database"]:
    """An empty results database."""
    from autotrick.records import open_database

    with open_database(database_url) as opened:
        yield opened
