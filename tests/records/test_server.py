"""PostgreSQL behind a pooler, where a prepared statement is not where it was made."""

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import make_url

from autotrick.errors import RecordsError
from autotrick.records import (
    Database,
    StudyPlan,
    add_trial,
    create_study,
    finish_trial,
    open_database,
    studies,
    trials,
)
from tests.postgres import PostgresServer

pytestmark = pytest.mark.postgresql


@pytest.fixture
def url(postgresql: PostgresServer) -> Iterator[str]:
    found = postgresql.new_database()
    yield found
    postgresql.give_back(found)


def forget_statements(database: Database) -> None:
    """Drop what the server has prepared behind the driver's back, as another of its connections does."""
    with database.reading() as connection:
        connection.exec_driver_sql("DO $$ BEGIN EXECUTE 'DEALLOCATE ALL'; END $$")


def ask_often(database: Database) -> None:
    for _ in range(8):
        studies(database)


def test_lost_statement_is_asked_again_without_any(url: str, plan: StudyPlan) -> None:
    with open_database(url) as database:
        create_study(database, plan)
        ask_often(database)
        assert prepared(database) > 0
        forget_statements(database)

        assert len(studies(database)) == 1

        ask_often(database)
        assert prepared(database) == 0


def test_write_that_lost_its_statement_is_done_once(url: str, plan: StudyPlan, recipe: Any) -> None:
    with open_database(url) as database:
        study = create_study(database, plan)
        for _ in range(8):
            add_trial(database, study.id, recipe(), origin="x")
        forget_statements(database)

        launch = add_trial(database, study.id, recipe(), origin="x")
        finish_trial(database, launch.trial_id, "pruned")

        assert [row.number for row in trials(database, study.name)] == list(range(9))


def test_question_that_cannot_be_asked_again_names_the_option(url: str, plan: StudyPlan) -> None:
    with open_database(url) as database:
        create_study(database, plan)
        for _ in range(8):
            ask_directly(database)
        forget_statements(database)

        with pytest.raises(RecordsError, match="Add prepare_threshold=none to the URL"):
            ask_directly(database)


@pytest.mark.parametrize("option", ["prepare_threshold=none", "pgbouncer=true"])
def test_option_prepares_nothing(url: str, option: str, plan: StudyPlan) -> None:
    with open_database(f"{url}&{option}") as database:
        create_study(database, plan)
        ask_often(database)

        assert prepared(database) == 0


def ask_directly(database: Database) -> None:
    with database.reading() as connection:
        connection.exec_driver_sql("SELECT 1 + 1")


def prepared(database: Database) -> int:
    with database.reading() as connection:
        found = connection.exec_driver_sql("SELECT count(*) FROM pg_prepared_statements").scalar()
    return int(found or 0)


@pytest.fixture
def pooled_url(url: str, postgresql: PostgresServer) -> Iterator[str]:
    """The database behind a PgBouncer that gives every transaction another connection."""
    program = shutil.which("pgbouncer") or "/usr/sbin/pgbouncer"
    if not Path(program).is_file():
        pytest.skip("no pgbouncer here; on Debian: apt install pgbouncer")
    address = make_url(url)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    settings = postgresql.folder / "pgbouncer.ini"  # where the server's user may read
    settings.write_text(f"""
[databases]
pooled = host={address.query["host"]} dbname={address.database} user={address.username}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
unix_socket_dir =
auth_type = any
pool_mode = transaction
default_pool_size = 3
""")
    words = [program, str(settings)]
    if os.geteuid() == 0:
        words = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups", *words]
    with subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as bouncer:
        try:
            await_port(port, bouncer)
            yield f"postgresql://autotrick@127.0.0.1:{port}/pooled"
        finally:
            bouncer.kill()


def await_port(port: int, process: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + 30
    while True:
        assert process.poll() is None and time.monotonic() < end
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)


@pytest.mark.slow
def test_readers_and_writers_share_a_pooler(pooled_url: str, plan: StudyPlan, recipe: Any) -> None:
    with open_database(pooled_url) as database:
        study = create_study(database, plan)

    def read(_number: int) -> int:
        with open_database(pooled_url) as database:
            for _ in range(30):
                studies(database)
            return prepared(database)

    def write(_number: int) -> int:
        with open_database(pooled_url) as database:
            for _ in range(12):
                launch = add_trial(database, study.id, recipe(), origin="x")
                finish_trial(database, launch.trial_id, "pruned")
        return 0

    with ThreadPoolExecutor(8) as pool:
        readers = pool.map(read, range(5))
        writers = pool.map(write, range(3))
        assert [*readers, *writers] == [0] * 8

    with open_database(pooled_url) as database:
        assert [row.number for row in trials(database, study.name)] == list(range(36))
