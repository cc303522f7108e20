"""Opening: new, old, newer, shared, missing, unreachable."""

import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, event, func, inspect, select, text
from sqlalchemy.engine import Engine

from autotrick.errors import RecordsError
from autotrick.recipe import EpochReport, Recipe
from autotrick.records import (
    Database,
    StudyPlan,
    StudyRow,
    add_report,
    add_trial,
    create_study,
    curves,
    open_database,
    reports,
    studies,
    trial_records,
    trials,
    upgrade_database,
)
from autotrick.records.migrations import REVISIONS
from autotrick.records.schema import Trial

MakeRecipe = Callable[..., Recipe]
MakeReport = Callable[..., EpochReport]


def with_reports(database: Database) -> None:
    assert all(rows for rows in reports(database, "mixing").values())


def with_points(database: Database) -> None:
    assert all(rows for rows in curves(database, "mixing").values())


def with_all(database: Database) -> None:
    found = list(islice(trial_records(database, "mixing"), 1))
    assert [len(record.reports) for record in found] == [record.trial.epochs for record in found]


@pytest.fixture
def other_people(database_url: str) -> Any:
    """The same database through somebody else's eyes."""
    engine = create_engine(database_url)
    yield engine
    engine.dispose()


def test_an_opened_database_can_be_opened_again(database_url: str, plan: StudyPlan) -> None:
    with open_database(database_url) as first:
        create_study(first, plan)

    with open_database(database_url, create=False) as second:
        assert [row.name for row in studies(second)] == ["mixing"]


def test_a_reader_makes_no_database(database_url: str, tmp_path: Path) -> None:
    with pytest.raises(RecordsError, match=r"no database at .*recorded by `autotrick search`"):
        open_database(database_url, create=False)
    with pytest.raises(RecordsError, match="no database at"):
        upgrade_database(database_url)

    if database_url.startswith("sqlite"):
        assert not Path(database_url.removeprefix("sqlite:///")).exists()


def test_a_late_database_is_made_with_the_first_write(
    database_url: str, other_people: Any, plan: StudyPlan
) -> None:
    def tables() -> list[str]:
        with other_people.connect() as connection:
            return list(inspect(connection).get_table_names())

    with open_database(database_url, late=True) as database:
        before = studies(database)
    if database_url.startswith("sqlite"):
        assert not Path(database_url.removeprefix("sqlite:///")).exists()
    untouched = tables()
    with open_database(database_url, late=True) as database:
        create_study(database, plan)
        after = studies(database)

    assert (before, untouched) == ([], [])
    assert [row.name for row in after] == ["mixing"] and "autotrick_trials" in tables()
    with open_database(database_url, late=True) as database:
        assert [row.name for row in studies(database)] == ["mixing"]


def test_a_database_of_others_is_shared(
    database_url: str, other_people: Any, plan: StudyPlan
) -> None:
    with other_people.begin() as connection:
        connection.execute(text("CREATE TABLE alembic_version (version_num VARCHAR(32))"))
        connection.execute(text("INSERT INTO alembic_version VALUES ('theirs')"))
        connection.execute(text("CREATE TABLE studies (name VARCHAR(32))"))
    with pytest.raises(RecordsError, match="no database at"):
        open_database(database_url, create=False)

    with open_database(database_url) as ours:
        create_study(ours, plan)

    with other_people.connect() as connection:
        tables = set(inspect(connection).get_table_names())
        theirs = connection.execute(text("SELECT version_num FROM alembic_version")).scalars().all()
    assert theirs == ["theirs"]
    assert {name for name in tables if not name.startswith("autotrick_")} == {
        "alembic_version",
        "studies",
    }
    assert "autotrick_alembic_version" in tables


def test_many_may_create_it_at_once(database_url: str) -> None:
    def opened(_: int) -> int:
        with open_database(database_url) as database:
            return len(studies(database))

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(opened, range(4))) == [0, 0, 0, 0]


@pytest.mark.parametrize(
    ("revision", "message"),
    [
        ("9999", f"schema 9999, which is newer than this autotrick's {REVISIONS[-1]}"),
        ("0000", "this autotrick needs 0002. Run: autotrick database upgrade"),
    ],
)
def test_another_schema_is_refused(
    database_url: str,
    other_people: Any,
    monkeypatch: pytest.MonkeyPatch,
    revision: str,
    message: str,
) -> None:
    open_database(database_url).close()
    with other_people.begin() as connection:
        connection.execute(text(f"UPDATE autotrick_alembic_version SET version_num='{revision}'"))
    if revision == "0000":
        monkeypatch.setattr("autotrick.records.database.REVISIONS", ("0000", "0002"))

    with pytest.raises(RecordsError, match=message):
        open_database(database_url)


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("autotrick.db", "URL cannot be understood. It looks like sqlite:///autotrick.db"),
        ("postgresql://u:secret@h:port/x", "URL cannot be understood"),
        ("mysql://u:secret@h/x", "must be sqlite or postgresql, but got 'mysql'"),
        ("sqlite:////nowhere/at/all.db", "no folder /nowhere/at for the database"),
        ("sqlite+nothing:///x.db", "no driver named 'sqlite[+]nothing'"),
        ("postgresql+psycopg2://u:secret@h/x", "by psycopg alone, but got postgresql[+]psycopg2"),
        (
            "postgresql://u:secret@127.0.0.1:1/x?sslpassword=secret",
            r"u:\*\*\*@127.0.0.1:1/x cannot",
        ),
    ],
)
def test_a_bad_url_is_one_line_without_the_password(url: str, message: str) -> None:
    with pytest.raises(RecordsError, match=message) as caught:
        open_database(url)

    assert "secret" not in str(caught.value)
    assert len(str(caught.value).splitlines()) == 1


def test_a_file_that_is_no_database_is_a_sentence(tmp_path: Path) -> None:
    path = tmp_path / "notes.db"
    path.write_text("dear diary, " * 100)

    with pytest.raises(RecordsError, match="cannot be used: file is not a database"):
        open_database(f"sqlite:///{path}")

    assert path.read_text().startswith("dear diary")


def test_a_reader_leaves_the_mode_of_a_foreign_file_alone(tmp_path: Path) -> None:
    path = tmp_path / "theirs.db"
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE t (x)")
    connection.close()
    before = path.read_bytes()

    with pytest.raises(RecordsError, match="no database at"):
        open_database(f"sqlite:///{path}", create=False)

    assert path.read_bytes() == before


def test_sqlite_is_set_up_for_one_writer_and_many_readers(tmp_path: Path) -> None:
    with (
        open_database(f"sqlite:///{tmp_path}/a.db") as database,
        database.reading() as connection,
    ):
        found = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "busy_timeout", "foreign_keys", "synchronous")
        }

    assert found == {
        "journal_mode": "wal",
        "busy_timeout": 30000,
        "foreign_keys": 1,
        "synchronous": 1,
    }


def test_a_reader_sees_the_state_before_a_write_that_is_under_way(
    database: Database, study: StudyRow, recipe: MakeRecipe
) -> None:
    with database.writing() as connection:
        connection.exec_driver_sql("UPDATE autotrick_studies SET state = 'complete'")

        assert studies(database)[0].state == "open"

    assert studies(database)[0].state == "complete"


@pytest.mark.postgresql
def test_it_goes_on_after_the_server_restarted(
    postgresql: Any, plan: StudyPlan, recipe: MakeRecipe
) -> None:
    url = postgresql.new_database()
    with open_database(url) as database:
        study = create_study(database, plan)
        postgresql.stop()
        with pytest.raises(RecordsError, match="cannot be used") as caught:
            add_trial(database, study.id, recipe(), origin="x")
        assert len(str(caught.value).splitlines()) == 1
        postgresql.start()

        launch = add_trial(database, study.id, recipe(), origin="x")

        assert launch.number == 0
        assert [row.number for row in trials(database, "mixing")] == [0]
    postgresql.give_back(url)


@pytest.mark.slow
def test_records_start_without_torch_ray_or_alembic(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/a.db"
    open_database(url).close()
    code = (
        "import sys; from autotrick.records import open_database, trials\n"
        f"open_database({url!r}, create=False).close()\n"
        "print([name for name in ('torch', 'ray', 'alembic', 'optuna') if name in sys.modules])"
    )

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "[]"


def test_a_reader_sees_one_state_while_others_write(
    database: Database, study: StudyRow, recipe: Callable[..., Recipe]
) -> None:
    count = select(func.count()).select_from(Trial)
    with database.reading() as connection:
        before = connection.scalar(count)
        with ThreadPoolExecutor(1) as other:
            other.submit(add_trial, database, study.id, recipe(), origin="tpe").result()
        assert connection.scalar(count) == before == 0

    assert [row.trials for row in studies(database)] == [1]


@pytest.mark.parametrize("ask", [studies, with_reports, with_points, with_all])
def test_an_answer_is_of_one_moment(
    database: Database,
    study: StudyRow,
    recipe: MakeRecipe,
    report: MakeReport,
    ask: Callable[[Database], None],
) -> None:
    """Another trial reports, and one more is added, after every statement of the question."""
    launch = add_trial(database, study.id, recipe(), origin="tpe")
    asking, epochs = threading.current_thread(), iter(range(1, 100))

    def write() -> None:
        add_report(database, launch.trial_id, report(next(epochs)))
        added = add_trial(database, study.id, recipe(), origin="tpe")
        add_report(database, added.trial_id, report(1))

    def others(*_: object) -> None:
        if threading.current_thread() is asking:
            with ThreadPoolExecutor(1) as other:
                other.submit(write).result()

    event.listen(Engine, "after_cursor_execute", others)
    try:
        ask(database)
    finally:
        event.remove(Engine, "after_cursor_execute", others)
