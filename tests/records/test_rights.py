"""An SQLite database that this user may not read, write or reach."""

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from autotrick.errors import RecordsError
from autotrick.records import (
    StudyPlan,
    archive_study,
    create_study,
    delete_study,
    open_database,
    rename_study,
    studies,
    upgrade_database,
)

PLAN = StudyPlan("mixing", "Does it help?", {}, "d1gest", 0, {"trials": 1})


@contextmanager
def somebody() -> Iterator[None]:
    """Do what is within the block as a user whom rights bind; root is not."""
    if os.geteuid() != 0:
        yield
        return
    os.setegid(65534)
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)
        os.setegid(0)


@pytest.fixture
def file() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="autotrick-rights-", dir="/tmp"))  # others may go there
    folder.chmod(0o777)
    path = folder / "inner" / "results.db"
    path.parent.mkdir()
    path.parent.chmod(0o777)
    with open_database(f"sqlite:///{path}") as database:
        create_study(database, PLAN)
    yield path
    path.parent.chmod(0o777)
    shutil.rmtree(folder)


def no_entry(file: Path) -> None:
    file.parent.chmod(0o000)


def no_reading(file: Path) -> None:
    file.chmod(0o000)


def read_only_folder(file: Path) -> None:
    file.parent.chmod(0o555)


def read_only_file(file: Path) -> None:
    file.chmod(0o444)


def renamed(url: str) -> None:
    with open_database(url, create=False) as database:
        rename_study(database, "mixing", "cutting", stale_after=60)


def archived(url: str) -> None:
    with open_database(url, create=False) as database:
        archive_study(database, "mixing", archived=True)


def deleted(url: str) -> None:
    with open_database(url, create=False) as database:
        delete_study(database, "mixing", stale_after=60)


def made(url: str) -> None:
    with open_database(url, late=True) as database:
        create_study(database, PLAN)


def looked_at(url: str) -> None:
    with open_database(url, create=False) as database:
        studies(database)


def upgraded(url: str) -> None:
    upgrade_database(url)


@pytest.mark.parametrize(
    ("harm", "cause"),
    [
        (no_entry, "Permission denied"),
        (no_reading, "permission to read it is denied"),
        (read_only_folder, "inner cannot be written, and SQLite writes there even to read"),
    ],
    ids=["no entry", "no reading", "read-only folder"],
)
@pytest.mark.parametrize(
    "done", [looked_at, renamed, archived, deleted, made, upgraded], ids=lambda each: each.__name__
)
def test_database_that_cannot_be_reached_is_a_sentence(
    file: Path, harm: Callable[[Path], None], cause: str, done: Callable[[str], None]
) -> None:
    harm(file)

    with pytest.raises(RecordsError, match=cause) as caught, somebody():
        done(f"sqlite:///{file}")

    assert len(str(caught.value).splitlines()) == 1


@pytest.mark.parametrize("done", [renamed, archived, deleted, made], ids=lambda each: each.__name__)
def test_file_that_may_only_be_read_is_shown_and_not_changed(
    file: Path, done: Callable[[str], None]
) -> None:
    read_only_file(file)

    with somebody():
        looked_at(f"sqlite:///{file}")
    with pytest.raises(RecordsError, match="attempt to write a readonly database"), somebody():
        done(f"sqlite:///{file}")
