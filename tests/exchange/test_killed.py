"""What is killed in the middle leaves nothing that stops the next one."""

import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import optuna
import pytest

from autotrick import records
from autotrick.errors import RecordsError
from autotrick.exchange import Meaning, bring, export_to_optuna
from autotrick.sample.optuna_export import MARK
from tests.synthetic import fill

TRIALS = 200


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("many") / "a.db"
    fill(f"sqlite:///{path}", TRIALS)
    return path


def killed_once(when: Callable[[], bool], *words: str) -> int:
    """Run a command and kill it as soon as something is there; return how it ended."""
    command = [sys.executable, "-m", "autotrick", *words]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    while process.poll() is None and not when():
        time.sleep(0.002)
    os.kill(process.pid, signal.SIGKILL)
    return process.wait()


def count(path: Path, query: str) -> int:
    if not path.is_file():
        return 0
    try:
        connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
        try:
            return int(connection.execute(query).fetchone()[0])
        finally:
            connection.close()
    except sqlite3.Error:
        return 0


@pytest.mark.slow
@pytest.mark.parametrize("table", ["study_user_attributes"])
def test_an_optuna_export_that_was_killed_is_made_whole_by_the_next(
    many: Path, tmp_path: Path, table: str
) -> None:
    file, url = tmp_path / "o.db", f"sqlite:///{many}"
    export = ("export", "digits", "--optuna", f"sqlite:///{file}", "--database", url)
    code = killed_once(lambda: count(file, f"SELECT count(*) FROM {table}") > 0, *export)
    left = count(file, "SELECT count(*) FROM trials")

    with records.open_database(url, create=False) as database:
        num = export_to_optuna(database, "digits", f"sqlite:///{file}")

    study = optuna.load_study(study_name="digits", storage=f"sqlite:///{file}")
    assert code == -signal.SIGKILL and left < TRIALS
    assert num == len(study.get_trials()) == TRIALS
    assert study.user_attrs[MARK] == "whole"


def test_a_study_of_somebody_else_s_is_not_taken_for_a_leftover(
    source: records.Database, tmp_path: Path
) -> None:
    storage = f"sqlite:///{tmp_path}/o.db"
    mine = optuna.create_study(study_name="digits", storage=storage)
    mine.add_trial(optuna.trial.create_trial(value=1.0))

    with pytest.raises(RecordsError, match=r"has a study 'digits' already"):
        export_to_optuna(source, "digits", storage)

    assert len(optuna.load_study(study_name="digits", storage=storage).trials) == 1


def test_half_an_export_is_not_imported(
    source: records.Database, tmp_path: Path, space: Path
) -> None:
    storage = f"sqlite:///{tmp_path}/o.db"
    export_to_optuna(source, "digits", storage)
    study = optuna.load_study(study_name="digits", storage=storage)
    study.set_user_attr(MARK, {"host": "elsewhere", "pid": 7})

    with pytest.raises(RecordsError, match="was not written to its end"):
        bring(source, storage, study="half", meaning=Meaning(space))


def test_two_exports_at_a_time_do_not_delete_each_other_s(
    source: records.Database, tmp_path: Path
) -> None:
    storage = f"sqlite:///{tmp_path}/o.db"
    export_to_optuna(source, "digits", storage)
    study = optuna.load_study(study_name="digits", storage=storage)
    study.set_user_attr(MARK, {"host": os.uname().nodename, "pid": os.getppid()})

    with pytest.raises(RecordsError, match=rf"is being written there by process {os.getppid()}"):
        export_to_optuna(source, "digits", storage)


@pytest.mark.slow
@pytest.mark.parametrize("suffix", ["jsonl"])
def test_an_export_that_was_killed_leaves_the_file_before(
    many: Path, tmp_path: Path, suffix: str
) -> None:
    file = tmp_path / f"s.{suffix}"
    file.write_text("before")
    words = ("export", "digits", "-o", str(file), "--database", f"sqlite:///{many}")

    code = killed_once(lambda: any(tmp_path.glob(".s.*.partial")), *words)

    assert code == -signal.SIGKILL and file.read_text() == "before"
    assert subprocess.run([sys.executable, "-m", "autotrick", *words], check=False).returncode == 0
    assert file.stat().st_size > 10_000


@pytest.mark.slow
def test_a_report_that_was_killed_leaves_the_one_before(many: Path, tmp_path: Path) -> None:
    file = tmp_path / "r.html"
    file.write_text("before")
    words = ("report", "digits", "-o", str(file), "--database", f"sqlite:///{many}")

    code = killed_once(lambda: any(tmp_path.glob(".r.html.*.partial")), *words)

    assert code == -signal.SIGKILL and file.read_text() == "before"


@pytest.mark.slow
def test_an_import_that_was_killed_brought_nothing(many: Path, tmp_path: Path) -> None:
    file = tmp_path / "s.jsonl"
    words = [sys.executable, "-m", "autotrick", "export", "digits", "-o", str(file)]
    subprocess.run([*words, "--database", f"sqlite:///{many}"], check=True, capture_output=True)

    for attempt in range(5):
        target = tmp_path / f"{attempt}.db"
        fill(f"sqlite:///{target}", 3, name="other")
        code = _killed_while_it_imports(file, target)
        with records.open_database(f"sqlite:///{target}", create=False) as database:
            left = {row.name: row.trials for row in records.studies(database)}
            if left != {"other": 3}:  # the kill came after the transaction's end: all is there
                assert left == {"other": 3, "digits": TRIALS}
                continue
            assert code == -signal.SIGKILL
            assert bring(database, str(file)).trials == TRIALS
            return
    pytest.fail("no kill came in time")


def _killed_while_it_imports(file: Path, target: Path) -> int:
    """Kill an import when its transaction begins to be written; return how it ended."""
    wal = target.with_name(f"{target.name}-wal")
    words = ("import", str(file), "--database", f"sqlite:///{target}")
    return killed_once(lambda: wal.exists() and wal.stat().st_size > 0, *words)


def test_what_a_killed_process_left_goes_with_the_next_one(
    source: records.Database, tmp_path: Path
) -> None:
    from autotrick.exchange import write

    old, new = tmp_path / ".s.csv.7.partial", tmp_path / ".s.csv.8.partial"
    for left in (old, new):
        left.write_text("half")
    os.utime(old, (1, 1))

    write(source, "digits", tmp_path / "s.csv")

    assert not old.exists() and new.exists()


def test_an_augmented_folder_of_a_killed_process_does_not_stop_the_next(tmp_path: Path) -> None:
    from autotrick.train.write_augmented import _whole

    old, new = tmp_path / "more.7.partial", tmp_path / "more.8.partial"
    for left in (old, new):
        left.mkdir()
        (left / "train.parquet").write_text("half")
    os.utime(old, (1, 1))

    with _whole(tmp_path / "more") as partial:
        (partial / "train.parquet").write_text("whole")

    assert (tmp_path / "more" / "train.parquet").read_text() == "whole"
    assert not old.exists() and new.exists()
