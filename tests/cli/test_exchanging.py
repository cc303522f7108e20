"""Studies out of the database and in, by command."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

from autotrick import records

Command = Callable[..., Result]
SPACE = Path(__file__).parent.parent.parent / "search_spaces" / "quickstart.toml"


def best_of(command: Command, study: str) -> tuple[float, str]:
    (line,) = command("best", study, "--top", "1", "--json").stdout.splitlines()
    found = json.loads(line)
    return found["value"], found["digest"]


@pytest.mark.parametrize("file", ["a.parquet", "a.jsonl"])
def test_out_and_in(command: Command, study: Path, file: str) -> None:
    out = command("export", "digits", "-o", file)
    back = command("import", file, "--study", "back")

    assert out.stdout == f"30 trials: {file}\n"
    assert back.stdout.endswith("Look at them: autotrick best back\n")
    assert best_of(command, "back") == best_of(command, "digits")


@pytest.mark.slow
def test_by_way_of_optuna(command: Command, study: Path) -> None:
    out = command("export", "digits", "--optuna", "sqlite:///optuna.db")
    command("import", "sqlite:///optuna.db", "--space", str(SPACE), "--study", "back")

    assert out.stdout == "30 trials: sqlite:///optuna.db\n"
    assert best_of(command, "back") == best_of(command, "digits")
    assert command("tricks", "back").exit_code == 0
    assert command("report", "back", "-o", "back.html").exit_code == 0


def test_an_imported_study_knows_how_to_go_on(command: Command, study: Path) -> None:
    command("export", "digits", "--optuna", "sqlite:///optuna.db")
    command("import", "sqlite:///optuna.db", "--space", str(SPACE), "--study", "back")

    with records.open_database(f"sqlite:///{study}") as database:
        assert records.study(database, "back").budget["resources"]["concurrency"] is None


@pytest.mark.parametrize("words", [(), ("-o", "a.jsonl", "--optuna", "sqlite:///optuna.db")])
def test_one_place_at_a_time(
    refused: Callable[..., str], study: Path, words: tuple[str, ...]
) -> None:
    message = refused("export", "digits", *words, status=2)

    assert message == "Give either --output or --optuna."


def test_a_taken_name_is_refused(
    command: Command, refused: Callable[..., str], study: Path
) -> None:
    command("export", "digits", "-o", "a.jsonl")

    message = refused("import", "a.jsonl")

    assert message == "there is a study 'digits' already. Choose another name."


def test_an_empty_name_is_no_name(
    command: Command, refused: Callable[..., str], study: Path
) -> None:
    command("export", "digits", "-o", "a.jsonl")

    assert "cannot be used" in refused("export", "digits", "--optuna", "")
    assert "a study's name consists of letters" in refused("import", "a.jsonl", "--study", "")
    assert "got an empty name" in refused("import", "")


def test_a_space_is_for_what_another_tool_recorded(
    command: Command, refused: Callable[..., str], study: Path
) -> None:
    command("export", "digits", "-o", "a.jsonl")

    message = refused("import", "a.jsonl", "--study", "back", "--space", str(SPACE))

    assert "Leave --space away" in message


def test_a_database_without_optuna_s_tables_is_left_as_it_is(
    refused: Callable[..., str], study: Path
) -> None:
    message = refused("import", f"sqlite:///{study}", "--space", str(SPACE))

    assert message == f"no Optuna storage at sqlite:///{study}."


def test_an_empty_file_is_said_to_be_empty(refused: Callable[..., str], folder: Path) -> None:
    (folder / "a.jsonl").touch()

    assert refused("import", "a.jsonl") == "a.jsonl has no line that says which study it is."
