"""How the databases answer: by an index where one serves, without sorting what it has in order."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from sqlalchemy import event, text

from autotrick import records
from autotrick.records import Database
from autotrick.records.schema import Study, Trial
from benchmarks.large import STUDY, write_large

TRIALS = 3000
QUESTIONS: dict[str, Callable[[Database], object]] = {
    "best": lambda d: records.best(d, STUDY),
    "best by score": lambda d: records.best(d, SCORED),
    "best with a filter": lambda d: records.best(d, STUDY, where="architecture = 'fastnet'"),
    "a page": lambda d: records.trials(d, STUDY, after=TRIALS // 2, limit=20),
    "a page with a filter": lambda d: records.trials(d, STUDY, where="mixup", limit=20),
    "one trial": lambda d: records.trial(d, STUDY, 7),
    "some trials": lambda d: records.trials(d, STUDY, numbers=[1, 5, 8]),
    "unfinished": lambda d: records.unfinished(d, STUDY),
    "twins": lambda d: records.twins(d, STUDY, "f00d"),
    "reports": lambda d: records.reports(d, STUDY, numbers=[1, 5, 8]),
    "curves": lambda d: records.curves(d, STUDY, numbers=[1, 5, 8]),
    "attempts": lambda d: records.attempts(d, STUDY, 7),
    "last checkpoint": lambda d: records.last_checkpoint(d, 7),
    "studies": records.studies,
    "one study": lambda d: records.study(d, STUDY),
    "trick sets": lambda d: records.trick_sets(d, STUDY),
}


@pytest.fixture(scope="module")
def large(databases: Any) -> Iterator[Database]:
    with records.open_database(databases.new_database()) as database:
        write_large(database, TRIALS)
        _score(database)
        yield database


SCORED = "scored"


def _score(database: Database) -> None:
    """Copy the study into one with a reward."""
    with database.writing() as connection:
        columns = [
            c.name for c in Study.__table__.columns if c.name not in ("id", "name", "metric")
        ]
        names = ", ".join(columns)
        connection.execute(
            text(
                f"INSERT INTO autotrick_studies (name, metric, {names}) "
                f"SELECT '{SCORED}', 'reward', {names} FROM autotrick_studies"
            )
        )
        columns = [c.name for c in Trial.__table__.columns]
        names = ", ".join(set(columns) - {"id", "study_id", "score"})
        connection.execute(
            text(
                f"INSERT INTO autotrick_trials (study_id, score, {names}) "
                f"SELECT (SELECT max(id) FROM autotrick_studies), value, {names} "
                "FROM autotrick_trials"
            )
        )
        connection.execute(text("ANALYZE" if database.dialect == "postgresql" else "SELECT 1"))


def plans(database: Database, ask: Callable[[Database], object]) -> list[str]:
    """Return how the database goes about each statement of a question."""
    asked: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, statement: str, values: Any, *_: Any) -> None:
        asked.append((statement, values))

    with database.reading() as connection:
        engine = connection.engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        ask(database)
    finally:
        event.remove(engine, "before_cursor_execute", note)
    return [_plan(database, *statement) for statement in asked]


def _plan(database: Database, statement: str, values: Any) -> str:
    sqlite = database.dialect == "sqlite"
    explain = "EXPLAIN QUERY PLAN " if sqlite else "EXPLAIN "
    with database.reading() as connection:
        if not sqlite:
            # A table of a few pages is read whole, whatever the indexes; a large one would not be.
            connection.execute(text("SET LOCAL enable_seqscan = off"))
        rows = connection.exec_driver_sql(explain + statement, values).all()
    return "\n".join(str(row[-1]) for row in rows)


def _scans(plan: str) -> list[str]:
    """Return the tables of trials and what belongs to them that are read from end to end."""
    return [
        line
        for line in plan.splitlines()
        if ("SCAN autotrick_" in line and "USING" not in line) or "Seq Scan on autotrick_" in line
        if "autotrick_studies" not in line and "autotrick_environments" not in line
    ]


@pytest.mark.parametrize("question", QUESTIONS)
def test_no_table_is_read_from_end_to_end(large: Database, question: str) -> None:
    found = plans(large, QUESTIONS[question])

    assert found
    assert [_scans(plan) for plan in found] == [[]] * len(found)


@pytest.mark.parametrize("question", ["best", "best with a filter", "a page"])
def test_what_an_index_has_in_order_is_not_sorted(large: Database, question: str) -> None:
    found = "\n".join(plans(large, QUESTIONS[question]))

    assert "TEMP B-TREE" not in found
    assert "Sort" not in found


def test_a_full_scan_would_be_seen(large: Database) -> None:
    plan = _plan(large, "SELECT count(*) FROM autotrick_trials WHERE origin = 'x'", ())

    assert _scans(plan)
