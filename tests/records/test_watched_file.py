"""An SQLite file that is deleted, moved, replaced or cut short while it is open."""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from autotrick.errors import RecordsError
from autotrick.records import (
    Database,
    StudyPlan,
    create_study,
    delete_study,
    open_database,
    studies,
)

PLAN = StudyPlan("mixing", "Does it help?", {}, "d1gest", 0, {"trials": 1})
OTHER = StudyPlan("cutting", "Does it help?", {}, "d1gest", 0, {"trials": 1})


@pytest.fixture
def file(tmp_path: Path) -> Path:
    folder = tmp_path / "here"
    folder.mkdir()
    return folder / "results.db"


@pytest.fixture
def written(file: Path) -> Iterator[Database]:
    """A database that this process has open and has written to."""
    with open_database(f"sqlite:///{file}") as database:
        create_study(database, PLAN)
        yield database


def delete(file: Path) -> None:
    for each in file.parent.iterdir():
        each.unlink()


def delete_only_it(file: Path) -> None:
    file.unlink()


def delete_log(file: Path) -> None:
    file.with_name("results.db-wal").unlink()


def delete_index(file: Path) -> None:
    file.with_name("results.db-shm").unlink()


def move(file: Path) -> None:
    file.rename(file.with_name("moved.db"))


def move_folder(file: Path) -> None:
    file.parent.rename(file.parent.with_name("there"))


def replace(file: Path) -> None:
    shutil.copy(file, file.with_name("copy.db"))
    file.with_name("copy.db").replace(file)


def link_elsewhere(file: Path) -> None:
    file.rename(file.with_name("moved.db"))
    file.symlink_to("nowhere.db")


def empty(file: Path) -> None:
    os.truncate(file, 0)


def cut_short(file: Path) -> None:
    os.truncate(file, 4096)


GONE = [delete, delete_only_it, delete_log, delete_index, move, move_folder, link_elsewhere]


@pytest.mark.parametrize("harm", [*GONE, replace], ids=lambda harm: harm.__name__)
def test_writer_stops_in_a_sentence_when_its_file_is_not_the_one_it_opened(
    written: Database, file: Path, harm: Callable[[Path], None]
) -> None:
    harm(file)

    with pytest.raises(RecordsError, match=r"(deleted or moved|replaced by another file) while it"):
        create_study(written, OTHER)


@pytest.mark.parametrize(
    "harm",
    [delete, delete_only_it, delete_log, delete_index, move, replace],
    ids=lambda h: h.__name__,
)
def test_what_a_writer_recorded_until_then_is_saved(
    written: Database, file: Path, harm: Callable[[Path], None]
) -> None:
    harm(file)
    for _ in range(2):
        with pytest.raises(RecordsError, match=r"Rename it to results\.db") as caught:
            create_study(written, OTHER)
    (saved,) = file.parent.glob("*.rescued-*")

    assert str(saved) in str(caught.value)
    with open_database(f"sqlite:///{saved}", create=False) as database:
        assert [row.name for row in studies(database)] == ["mixing"]


@pytest.mark.parametrize("harm", [empty, cut_short], ids=lambda harm: harm.__name__)
def test_writer_stops_in_a_sentence_when_its_file_was_cut_short(
    file: Path, harm: Callable[[Path], None]
) -> None:
    with open_database(f"sqlite:///{file}") as before:
        create_study(before, PLAN)
    with open_database(f"sqlite:///{file}") as database:
        assert len(studies(database)) == 1
        harm(file)

        with pytest.raises(
            RecordsError, match=r"cut short while it was open|disk image is malformed"
        ):
            create_study(database, OTHER)


@pytest.mark.parametrize("harm", GONE, ids=lambda harm: harm.__name__)
def test_reader_hears_that_the_file_is_gone(
    written: Database, file: Path, harm: Callable[[Path], None]
) -> None:
    with open_database(f"sqlite:///{file}", create=False) as database:
        assert len(studies(database)) == 1
        harm(file)

        with pytest.raises(RecordsError, match="deleted or moved while it was open"):
            studies(database)


def test_reader_goes_on_with_the_file_that_replaces_its_own(file: Path, tmp_path: Path) -> None:
    with open_database(f"sqlite:///{tmp_path}/other.db") as other:
        create_study(other, OTHER)
    with open_database(f"sqlite:///{file}") as before:
        create_study(before, PLAN)
    with open_database(f"sqlite:///{file}", create=False) as database:
        assert [row.name for row in studies(database)] == ["mixing"]
        (tmp_path / "other.db").replace(file)

        assert [row.name for row in studies(database)] == ["cutting"]


def test_file_that_is_moved_and_put_back_has_all_that_was_written(
    written: Database, file: Path
) -> None:
    move(file)
    with pytest.raises(RecordsError):
        create_study(written, OTHER)
    written.close()
    file.with_name("moved.db").rename(file)

    with open_database(f"sqlite:///{file}") as database:
        assert [row.name for row in studies(database)] == ["mixing"]


def test_file_that_was_made_smaller_by_a_vacuum_is_used_on(written: Database, file: Path) -> None:
    import sqlite3

    with sqlite3.connect(file) as other:
        other.execute("CREATE TABLE ballast (x)")
        other.execute("INSERT INTO ballast VALUES (randomblob(1000000))")
        other.commit()
        other.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        assert len(studies(written)) == 1
        size = file.stat().st_size
        other.execute("DROP TABLE ballast")
        other.commit()
        other.execute("VACUUM")
        other.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    other.close()
    assert file.stat().st_size < size

    create_study(written, OTHER)

    assert len(studies(written)) == 2


def test_database_that_was_closed_may_be_used_again(written: Database) -> None:
    written.close()

    create_study(written, OTHER)
    delete_study(written, "mixing", stale_after=60)

    assert [row.name for row in studies(written)] == ["cutting"]
