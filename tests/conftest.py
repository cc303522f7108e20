"""What several parts share: the two databases, how Hypothesis looks for examples, which test runs when."""

import ast
import os
import shutil
import signal
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

from tests.postgres import PostgresServer, binaries

if TYPE_CHECKING:
    from autotrick.records import Database

ROOT = Path(__file__).parents[1]

settings.register_profile("autotrick", derandomize=True, deadline=None, database=None)
settings.load_profile("autotrick")

# `nohup` ignores it in all that a test starts, and tests send it.
signal.signal(signal.SIGHUP, signal.SIG_DFL)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--update-golden",
        action="store_true",
        help="Accept what comes out now as the golden files; say why in the commit.",
    )


@cache
def tests_with_ray(file: str) -> frozenset[str]:
    """Return the names of a file's tests that are marked `ray`; the file is named from ROOT."""
    module = ast.parse((ROOT / file).read_text())
    every = any(
        isinstance(line, ast.Assign) and ast.unparse(line).startswith("pytestmark") and marked(line)
        for line in module.body
    )
    return frozenset(
        test.name
        for test in ast.walk(module)
        if isinstance(test, ast.FunctionDef) and (every or any(map(marked, test.decorator_list)))
    )


def marked(node: ast.AST) -> bool:
    return any(ast.unparse(part) == "pytest.mark.ray" for part in ast.walk(node))


def starts_ray(nodeid: str) -> bool:
    """Return whether a test starts a Ray cluster."""
    file, _, test = nodeid.partition("::")
    return test.partition("[")[0] in tests_with_ray(file)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let tests that start a Ray cluster come first: they take longest."""
    items.sort(key=lambda item: not starts_ray(item.nodeid))


class FileByFile(LoadScopeScheduling):  # type: ignore[misc]
    """Gives each process a file at a time, in the order of collection; tests with Ray are two groups.

    So at most two Ray clusters run at a time, which mostly wait, beside all other tests. A test at a
    time, the process that distributes them is busy for minutes with thousands of them, and every
    process makes every fixture of a module. The marks of xdist's own groups are lost on pytest 9.2,
    which it asks for names that it cannot change.
    """

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.partition("::")[0]
        if not starts_ray(nodeid):
            return file
        tune = file.startswith("tests/tune/") and not file.endswith("/test_study.py")
        return "ray, tune" if tune else "ray, others"


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> FileByFile | None:
    if config.getvalue("dist") != "loadscope":
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
