"""The server is really killed here, in between and in the middle of what is asked of it."""

import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from sqlalchemy import Connection, event
from sqlalchemy.engine import Engine

from autotrick.errors import OutageError, RecordsError
from autotrick.recipe import EpochReport, Recipe
from autotrick.records import (
    Database,
    Launch,
    StudyPlan,
    add_report,
    add_trial,
    attempts,
    best,
    create_study,
    finish_trial,
    open_attempt,
    open_database,
    reports,
    retrying,
    trials,
)
from tests.postgres import PostgresServer, binaries

pytestmark = [
    pytest.mark.postgresql,
    pytest.mark.slow,
    pytest.mark.skipif(binaries() is None, reason="no PostgreSQL server here"),
]

MakeRecipe = Callable[..., Recipe]
MakeReport = Callable[..., EpochReport]


@pytest.fixture(scope="module")
def server() -> Iterator[PostgresServer]:
    """A server of our own: others would be cut off too."""
    with PostgresServer.running() as running:
        yield running


@pytest.fixture
def remote(server: PostgresServer) -> Iterator[Database]:
    with open_database(server.new_database()) as database:
        yield database


def killed_after_commit(server: PostgresServer, ask: Callable[[], Any]) -> Any:
    """Kill the server when the first transaction is committed, before its answer is read."""
    done: list[float] = []

    def kill(connection: Connection) -> None:
        if not done:
            done.append(time.monotonic())
            link: Any = connection.connection.dbapi_connection
            link.commit()
            link.execute("SELECT 1")  # begins what the commit that follows cannot end
            server.kill()
            threading.Timer(1.0, server.start).start()

    event.listen(Engine, "commit", kill)
    try:
        return ask()
    finally:
        event.remove(Engine, "commit", kill)
        assert done


def test_who_waits_for_nothing_is_told_at_once(server: PostgresServer, remote: Database) -> None:
    server.kill()
    try:
        with pytest.raises(OutageError, match=r"the database postgresql://.* cannot be used"):
            trials(remote, "mixing")
    finally:
        server.start()


def test_server_that_is_killed_and_started_again_is_waited_for(
    server: PostgresServer, remote: Database, plan: StudyPlan, recipe: MakeRecipe
) -> None:
    study = create_study(remote, plan)
    said: list[str] = []
    server.kill()
    starting = threading.Timer(1.0, server.start)
    starting.start()

    with retrying(remote, 60, said.append):
        add_trial(remote, study.id, recipe(), origin="x")
    starting.join()

    assert [row.number for row in trials(remote, "mixing")] == [0]
    assert len(said) == 2
    assert said[0].endswith("Retrying for up to 60 s.")
    assert said[1].startswith("the database is back after ")


def test_whoever_waits_within_a_wait_leaves_the_outer_one(
    server: PostgresServer, remote: Database, plan: StudyPlan
) -> None:
    create_study(remote, plan)
    inner: list[str] = []
    outer: list[str] = []
    with retrying(remote, 60, outer.append):
        with retrying(remote, 60, inner.append):
            pass
        server.kill()
        starting = threading.Timer(1.0, server.start)
        starting.start()
        assert best(remote, "mixing") == []
    starting.join()

    assert (len(inner), len(outer)) == (0, 2)
    assert remote.retry_policy is None


def test_patience_has_an_end(server: PostgresServer, remote: Database) -> None:
    said: list[str] = []
    server.kill()
    try:
        with retrying(remote, 1.0, said.append):
            for _ in range(2):
                with pytest.raises(OutageError):
                    trials(remote, "mixing")
    finally:
        server.start()

    assert len(said) == 1


def test_transaction_whose_answer_was_lost_is_done_once(
    server: PostgresServer,
    remote: Database,
    plan: StudyPlan,
    recipe: MakeRecipe,
    report: MakeReport,
) -> None:
    study = create_study(remote, plan)

    def twice(ask: Callable[[], Any]) -> Any:
        with retrying(remote, 60, print):
            return killed_after_commit(server, ask)

    launch: Launch = twice(
        lambda: add_trial(remote, study.id, recipe(), origin="x", number=0, launch=False)
    )
    attempt = twice(lambda: open_attempt(remote, launch.trial_id))
    twice(lambda: add_report(remote, launch.trial_id, report(1)))
    twice(lambda: finish_trial(remote, launch.trial_id, "complete"))

    rows = trials(remote, "mixing")
    assert [(row.id, row.state, row.epochs) for row in rows] == [(launch.trial_id, "complete", 1)]
    assert [(a.id, a.state) for a in attempts(remote, "mixing", 0)] == [(attempt, "done")]
    assert len(reports(remote, "mixing")[0]) == 1


def test_number_that_another_driver_took_meanwhile_is_refused(
    server: PostgresServer, remote: Database, plan: StudyPlan, recipe: MakeRecipe
) -> None:
    study = create_study(remote, plan)
    add_trial(remote, study.id, recipe(seed=1), origin="x", number=0, launch=False)
    server.kill()
    threading.Timer(1.0, server.start).start()

    with retrying(remote, 60, print), pytest.raises(RecordsError, match="another"):
        add_trial(remote, study.id, recipe(), origin="x", number=0, launch=False)
