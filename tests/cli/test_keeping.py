"""Commands for whole studies."""

import json
import os
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from autotrick import records
from autotrick.checkpoint_names import MAGIC
from autotrick.cli import main
from autotrick.records import CheckpointRow, Database
from autotrick.tune.session import folder_mark

Command = Callable[..., Result]


@pytest.fixture
def database(study: Path) -> Database:
    return records.open_database(f"sqlite:///{study}", create=False)


def names(result: Result) -> list[str]:
    return [json.loads(line)["study"] for line in result.stdout.splitlines()]


def put_checkpoint(database: Database, number: int, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(MAGIC + b"weights")
    trial = records.trial(database, "digits", number)
    records.add_checkpoint(database, CheckpointRow(trial.id, trial.epochs, str(path), "x", 7))


def test_rename(command: Command, study: Path) -> None:
    result = command("rename", "digits", "numerals")

    assert result.stdout == "digits is now called numerals.\n"
    assert names(command("studies", "--json")) == ["numerals"]


@pytest.mark.parametrize("words", [("--trial-hours", "nan"), ("--max-cost", "inf")])
def test_budgets_are_numbers(
    refused: Callable[..., str], study: Path, words: tuple[str, ...]
) -> None:
    assert "is not a finite number" in refused("extend", "digits", *words, status=2)


def test_a_study_that_is_searched_has_more_afterwards(
    command: Command, study: Path, database: Database
) -> None:
    study_id = records.study(database, "digits").id
    records.acquire_lease(database, study_id, "elsewhere:1:1:1", stale_after=60)

    result = command("extend", "digits", "--trials", "1")

    assert "to spend, once the current search has ended: " in result.stdout


def test_a_name_that_no_file_can_have_is_refused(refused: Callable[..., str], study: Path) -> None:
    assert "a study's name consists of letters" in refused("rename", "digits", "a/b")


def test_archived_studies_are_listed_on_demand(command: Command, study: Path) -> None:
    command("archive", "digits")

    assert names(command("studies", "--json")) == []
    assert command("studies").stdout == "All studies are archived: autotrick studies --all\n"
    assert names(command("studies", "--all", "--json")) == ["digits"]
    assert command("best", "digits").exit_code == 0

    command("unarchive", "digits")
    assert names(command("studies", "--json")) == ["digits"]


def test_deletion_asks_and_takes_no_for_an_answer(command: Command, study: Path) -> None:
    result = CliRunner().invoke(main, ["delete", "digits"], input="n\n")

    assert result.exit_code == 1
    assert "Delete digits with 30 trials? [y/N]" in result.output
    assert names(command("studies", "--json")) == ["digits"]


def test_deletion_leaves_the_files(
    command: Command, study: Path, database: Database, tmp_path: Path
) -> None:
    file = tmp_path / "digits-1" / "trial-3" / "epoch-1.checkpoint"
    put_checkpoint(database, 3, file)

    result = command("delete", "digits", "--yes")

    assert result.stdout == (
        f"Deleted digits with 30 trials.\n1 checkpoint files stay; the first is {file}\n"
    )
    assert file.exists()
    assert command("studies", "--all").stdout == "No studies.\n"


def test_deletion_with_files_leaves_what_is_not_the_study_s(
    command: Command, study: Path, database: Database, tmp_path: Path
) -> None:
    folder = tmp_path / f"digits-{folder_mark(records.study(database, 'digits'))}"
    put_checkpoint(database, 3, folder / "trial-3" / "epoch-1.checkpoint")
    put_checkpoint(database, 4, folder / "trial-4" / "epoch-1.checkpoint")
    (folder / "trial-4" / "notes.txt").write_text("mine")
    gone = tmp_path / "gone" / "epoch-1.checkpoint"
    put_checkpoint(database, 5, gone)
    gone.unlink()

    result = command("delete", "digits", "--yes", "--files")

    assert "Deleted 2 of 3 checkpoint files." in result.stdout
    assert [path.name for path in sorted(folder.rglob("*"))] == ["trial-4", "notes.txt"]


@pytest.mark.parametrize(
    "name",
    [
        "victim.txt",
        "epoch-1.checkpoint",
        "{mark}/trial-3/../../victim/epoch-1.checkpoint",
        "{mark}/trial-3/notes.txt",
        "{mark}/trial-x/epoch-1.checkpoint",
        "other-00000000/trial-3/epoch-1.checkpoint",
        "{mark}/linked/epoch-1.checkpoint",
    ],
)
def test_deletion_is_confined_to_checkpoints_of_the_study(
    command: Command, study: Path, database: Database, tmp_path: Path, name: str
) -> None:
    mark = f"digits-{folder_mark(records.study(database, 'digits'))}"
    (tmp_path / mark / "trial-3").mkdir(parents=True)
    victim = tmp_path / name.format(mark=mark)
    put_checkpoint(database, 3, victim)

    result = command("delete", "digits", "--yes", "--files")

    assert victim.exists()
    assert f"Not deleted: {victim}" in result.stdout


def test_deletion_follows_no_link_and_takes_no_other_file(
    command: Command, study: Path, database: Database, tmp_path: Path
) -> None:
    folder = tmp_path / f"digits-{folder_mark(records.study(database, 'digits'))}"
    outside = tmp_path / "outside"
    put_checkpoint(database, 3, outside / "epoch-1.checkpoint")
    folder.mkdir()
    (folder / "trial-4").symlink_to(outside)
    (folder / "trial-5").mkdir()
    (folder / "trial-5" / "epoch-1.checkpoint").write_text("my thesis")
    os.mkfifo(folder / "trial-5" / "epoch-2.checkpoint")
    for number, name in ((4, "trial-4/epoch-1"), (5, "trial-5/epoch-1"), (6, "trial-5/epoch-2")):
        trial = records.trial(database, "digits", number)
        path = str(folder / f"{name}.checkpoint")
        records.add_checkpoint(database, CheckpointRow(trial.id, trial.epochs, path, "x", 7))

    result = command("delete", "digits", "--yes", "--files")

    assert (outside / "epoch-1.checkpoint").exists()
    assert (folder / "trial-5" / "epoch-1.checkpoint").read_text() == "my thesis"
    assert "because it is a link, or in a linked folder" in result.stdout
    assert "because it does not begin like a checkpoint" in result.stdout
    assert "because it is not a file" in result.stdout


def test_deletion_asks_no_storage_that_only_the_record_names(
    command: Command, study: Path, database: Database, tmp_path: Path
) -> None:
    folder = tmp_path / f"digits-{folder_mark(records.study(database, 'digits'))}" / "trial-3"
    folder.mkdir(parents=True)
    (folder / "epoch-1.checkpoint").write_bytes(MAGIC)
    trial = records.trial(database, "digits", 3)
    url = f"file://{folder}/epoch-1.checkpoint"
    records.add_checkpoint(database, CheckpointRow(trial.id, 1, url, "x", 7))

    result = command("delete", "digits", "--yes", "--files")

    assert "no search of yours has used that storage from here" in result.stdout
    assert (folder / "epoch-1.checkpoint").exists()


def test_a_study_is_extended(command: Command, study: Path, database: Database) -> None:
    result = command("extend", "digits", "--trials", "12")

    assert result.stdout == "digits has 42 trials to spend: autotrick resume digits\n"
    assert records.study(database, "digits").budget["trials"] == 42


@pytest.mark.parametrize(
    "words",
    [
        ("rename", "nope", "x"),
        ("archive", "nope"),
        ("unarchive", "nope"),
        ("delete", "nope", "--yes"),
        ("extend", "nope", "--trials", "1"),
    ],
)
def test_an_unknown_study_is_named_with_those_there_are(
    refused: Callable[..., str], study: Path, words: tuple[str, ...]
) -> None:
    assert refused(*words) == "no study named 'nope'. Studies in this database: digits."


def test_a_long_list_of_trials_comes_in_pages(command: Command, study: Path) -> None:
    first = command("trials", "digits", "--limit", "20")
    rest = command("trials", "digits", "--after", "19", "--json")

    assert first.stdout.endswith("More trials: --after 19\n")
    assert [json.loads(line)["trial"] for line in rest.stdout.splitlines()] == list(range(20, 30))


def test_a_study_gets_more_of_everything(command: Command, study: Path) -> None:
    said = command("extend", "digits", "--trial-hours", "2", "--cost-per-hour", "0.5").stdout

    assert "trial hours 2" in said and "cost per hour 0.5 to spend" in said


@pytest.mark.usefixtures("study")
def test_extending_by_nothing_says_what_there_is(refused: Callable[..., str]) -> None:
    assert "--trials, --trial-hours, --max-cost or --space" in refused("extend", "digits", status=2)


@pytest.mark.usefixtures("study")
def test_a_narrower_space_is_refused(refused: Callable[..., str], space: Any) -> None:
    said = refused("extend", "digits", "--space", space())

    assert "the space does not contain that of study 'digits'" in said


def test_a_deleted_study_leaves_no_environment_and_takes_no_other_s(
    command: Command, study: Path
) -> None:
    command("export", "digits", "-o", "s.jsonl")
    command("import", "s.jsonl", "--study", "twin")

    counts = []
    for name in ("digits", "twin"):
        command("delete", name, "--yes")
        with sqlite3.connect(study) as connection:
            query = "SELECT count(*) FROM autotrick_environments"
            counts += [connection.execute(query).fetchone()[0]]
        connection.close()

    assert counts == [1, 0]
