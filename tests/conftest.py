"""What several parts share: the two databases, how Hypothesis looks for examples, which test runs when."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings
from xdist.remote import Producer
from xdist.scheduler import LoadGroupScheduling

from tests.postgres import PostgresServer, binaries

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


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let tests that start a Ray cluster come first, one after another in one process."""
    for item in items:
        if item.get_closest_marker("ray"):
            item.add_marker(pytest.mark.xdist_group("ray"))
    items.sort(key=lambda item: not item.get_closest_marker("ray"))


class FileByFile(LoadGroupScheduling):  # type: ignore[misc]
    """Gives each process a file at a time, in the order of collection; a group counts as a file.

    A test at a time, the process that distributes them is busy for minutes with 14,000 of them, and
    every process makes every fixture of a module.
    """

    def _split_scope(self, nodeid: str) -> str:
        group: str = super()._split_scope(nodeid)
        return group.partition("::")[0]


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> FileByFile | None:
    if config.getvalue("dist") != "loadgroup":
        return None
    config.option.loadscopereorder = False
    return FileByFile(config, log)


class SqliteFolder:
    """Gives SQLite files of a folder, as the server gives databases."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._made = 0

    def new_database(self) -> str:
        self._made += 1
        return f"sqlite:///{self._folder}/autotrick_{self._made}.db"

    def prepare(self, url: str) -> None:
        """Make a database with its tables, as a copy: to migrate takes longer than most tests."""
        from autotrick.records import open_database

        template = self._folder / "empty.db"
        if not template.exists():
            with open_database(f"sqlite:///{template}"):
                pass
        shutil.copy(template, url.removeprefix("sqlite:///"))

    def give_back(self, url: str) -> None:
        """Leave the file for whoever looks into a test that failed."""


Databases = PostgresServer | SqliteFolder


@pytest.fixture(scope="session")
def postgresql() -> Iterator[PostgresServer]:
    """A running server; skips where there is none, but never in CI."""
    if binaries() is None:
        message = "no PostgreSQL server here; on Debian: apt install postgresql"
        if os.environ.get("CI") == "true":
            pytest.fail(message)
        pytest.skip(message)
    with PostgresServer.running() as server:
        yield server


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
def database(databases: Databases, database_url: str) -> Iterator["Database"]:
    """An empty results database."""
    from autotrick.records import open_database

    if isinstance(databases, SqliteFolder):
        databases.prepare(database_url)
    with open_database(database_url) as opened:
        yield opened
