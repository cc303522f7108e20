"""How the databases answer: by an index where one serves, without sorting what it has in order.

The tables are large enough that the planners choose so by themselves.
"""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from sqlalchemy import event, text

from autotrick import records
from autotrick.records import Database
from autotrick.records.schema import Study, Trial
from benchmarks.large import STUDY, write_large

pytestmark = pytest.mark.slow

TRIALS = 5000
QUESTIONS: dict[str, Callable[[Database], object]] = {
    "best": lambda d: records.best(d, STUDY),
    "best by score": lambda d: records.best(d, SCORED),
    "best with a filter": lambda d: records.best(d, STUDY, where="architecture = 'fastnet'"),
    "a page": lambda d: records.trials(d, STUDY, after=TRIALS // 2, limit=20),
    "a page with a filter": lambda d: records.trials(d, STUDY, where="mixup", limit=20),
    "a page with a setting": lambda d: records.trials(d, STUDY, where="mixup.alpha > 9", limit=20),
    "the next page with a setting": lambda d: records.trials(
        d, STUDY, where="mixup.alpha > 0.3", after=TRIALS // 2, limit=20
    ),
    "best with a setting": lambda d: records.best(d, STUDY, where="mixup.alpha > 0.99"),
    "best without a setting": lambda d: records.best(
        d, STUDY, where="not (ricap.beta < 0.9 or ema)"
    ),
    # Of 100,000 trials `tricks` compares a hundredth.
    "tricks": lambda d: [
        ask(d, STUDY, numbers=range(0, TRIALS, 100)) for ask in (records.trials, records.curves)
    ],
    "one trial": lambda d: records.trial(d, STUDY, 7),
    "some trials": lambda d: records.trials(d, STUDY, numbers=[1, 5, 8]),
    "unfinished": lambda d: records.unfinished(d, STUDY),
    "same_recipe": lambda d: records.same_recipe(d, STUDY, "f00d"),
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
        _add_more(database)
        yield database


SCORED = "scored"
_MORE = (
    # A study with a reward, the other's copy.
    "INSERT INTO autotrick_studies (name, metric, {studies}) "
    "SELECT 'scored', 'reward', {studies} FROM autotrick_studies",
    "INSERT INTO autotrick_trials (study_id, score, {trials}) "
    "SELECT (SELECT max(id) FROM autotrick_studies), value, {trials} FROM autotrick_trials",
    "INSERT INTO autotrick_attempts (trial_id, number, state, started) "
    "SELECT id, 1, 'done', created FROM autotrick_trials",
    "INSERT INTO autotrick_checkpoints (trial_id, epoch, path, checksum, bytes, created) "
    "SELECT id, epochs, '/x', 'cafe', 100, created FROM autotrick_trials",
)


def _add_more(database: Database) -> None:
    """Write what the study has not, and have PostgreSQL know its tables, as autovacuum does."""
    copied = {
        "studies": _columns(Study, "id", "name", "metric"),
        "trials": _columns(Trial, "id", "study_id", "score"),
    }
    with database.writing() as connection:
        for statement in _MORE:
            connection.execute(text(statement.format(**copied)))
        engine = connection.engine
    if database.dialect == "postgresql":
        with engine.connect() as plain:
            plain.execution_options(isolation_level="AUTOCOMMIT").exec_driver_sql("VACUUM ANALYZE")


def _columns(table: Any, *without: str) -> str:
    return ", ".join(c.name for c in table.__table__.columns if c.name not in without)


def plans(database: Database, ask: Callable[[Database], object]) -> list[str]:
    """Return how the database goes about each statement of a question."""
    asked: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, statement: str, values: Any, *_: Any) -> None:
        if statement.startswith(("SELECT", "WITH")):
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


@pytest.mark.parametrize("question", ["best", "a page"])
def test_what_an_index_has_in_order_is_not_sorted(large: Database, question: str) -> None:
    assert _sorts(plans(large, QUESTIONS[question])) == 0


@pytest.mark.parametrize(
    "question", ["best with a filter", "best with a setting", "a page with a setting"]
)
def test_of_filtered_trials_only_those_that_are_shown_are_sorted(
    large: Database, question: str
) -> None:
    found = plans(large, QUESTIONS[question])

    assert _sorts(found) <= 1
    assert not any(_sorts([plan[plan.index("Limit") :]]) for plan in found if "Limit" in plan)


def _sorts(plans: list[str]) -> int:
    return sum(plan.count("TEMP B-TREE FOR ORDER BY") + plan.count("Sort Key") for plan in plans)


@pytest.mark.parametrize("question", [name for name in QUESTIONS if "a setting" in name])
def test_a_filter_on_settings_reads_no_trial_that_it_leaves_out(
    large: Database, question: str
) -> None:
    plan = plans(large, QUESTIONS[question])[-1]

    covering = "USING COVERING INDEX" if large.dialect == "sqlite" else "Index Only Scan"
    assert plan.count(covering) >= 2, plan
    assert "autotrick_settings_value_idx" in plan


def test_a_full_scan_would_be_seen(large: Database) -> None:
    plan = _plan(large, "SELECT count(*) FROM autotrick_trials WHERE origin = 'x'", ())

    assert _scans(plan)
