"""The schema's history, on both databases."""

import shutil
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from autotrick.records import (
    Database,
    attempts,
    best,
    checkpoints,
    migrations,
    open_database,
    reports,
    studies,
    trials,
    upgrade_database,
)
from autotrick.records.migrations import REVISIONS
from autotrick.records.schema import PREFIX, VERSION_TABLE, Base

DATABASES = sorted((Path(__file__).parent / "databases").glob("*.sqlite"))


def test_the_revisions_written_down_are_those_of_the_files() -> None:
    script = ScriptDirectory(str(Path(migrations.__file__).parent))

    found = [entry.revision for entry in script.walk_revisions()]

    assert tuple(reversed(found)) == REVISIONS


@pytest.mark.filterwarnings("ignore:autogenerate skipping metadata-specified expression-based")
def test_migrating_an_empty_database_gives_the_declared_schema(database: Database) -> None:
    # Alembic cannot read the direction of an index's column back from SQLite.
    unread = {f"{PREFIX}trials_best_idx"} if database.dialect == "sqlite" else set()
    options = {
        "version_table": VERSION_TABLE,
        "compare_type": True,
        "include_name": lambda name, *_: name not in unread,
    }

    with database.reading() as connection:
        context = MigrationContext.configure(connection, opts=options)
        assert compare_metadata(context, Base.metadata) == []


def test_every_table_carries_the_prefix() -> None:
    assert all(name.startswith(PREFIX) for name in Base.metadata.tables)


def test_upgrading_the_newest_schema_changes_nothing(database_url: str) -> None:
    open_database(database_url).close()

    assert upgrade_database(database_url) == (REVISIONS[-1], REVISIONS[-1])


def test_every_released_schema_is_kept() -> None:
    assert [path.stem for path in DATABASES] == list(REVISIONS)


@pytest.mark.parametrize("path", DATABASES, ids=lambda path: path.stem)
def test_a_database_of_a_released_schema_upgrades_with_its_data(path: Any, tmp_path: Path) -> None:
    copy = shutil.copy(path, tmp_path / "autotrick.db")
    upgrade_database(f"sqlite:///{copy}")

    with open_database(f"sqlite:///{copy}", create=False) as database:
        (study,) = studies(database)
        assert (study.name, study.seed, study.budget) == ("mixing", 7, {"trials": 3})
        assert [row.state for row in trials(database, "mixing")] == [
            "complete",
            "pruned",
            "running",
        ]
        (winner,) = best(database, "mixing")
        assert (winner.value, winner.weights, winner.seconds) == (0.2, "0.2", 4.0)
        assert winner.recipe.digest() == winner.digest
        assert trials(database, "mixing", where="mixup.alpha < 0.3")[0].number == 1
        assert [len(rows) for rows in reports(database, "mixing").values()] == [2, 2, 2]
        assert checkpoints(database, "mixing")[2][1].checksum == "cafe"
        first, second = attempts(database, "mixing", 2)
        assert (first.state, first.environment) == ("lost", {"torch": "2.9"})
        assert (second.state, second.environment) == ("open", None)
