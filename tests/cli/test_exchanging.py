"""Studies out of the database and in, by command."""

import json
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

from autotrick import records
from autotrick.tune import Resources

Command = Callable[..., Result]
SPACE = Path(__file__).parents[1] / "spaces" / "quickstart.toml"


def best_of(command: Command, study: str) -> tuple[float, str]:
    (line,) = command("best", study, "--top", "1", "--json").stdout.splitlines()
    found = json.loads(line)
    return found["value"], found["digest"]


@pytest.mark.parametrize("file", ["a.parquet", "a.jsonl"])
def test_out_and_in(command: Command, study: Path, file: str) -> None:
    out = command("export", "digits", "-o", file)
    back = command("import", file, "--study", "back")

    assert out.stdout == f"30 trials: {file}\n"
    assert back.stdout.endswith("Next: autotrick best back\n")
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


EVIL: dict[str, Any] = {
    "address": "127.0.0.1:{port}",
    "storage": "{outside}/storage",
    "cache": "{outside}/cache",
    "data_dir": "/dev",
    "concurrency": 10**6,
    "cpus_per_trial": 1e-6,
}


@pytest.mark.parametrize("file", ["a.parquet", "a.jsonl"])
def test_a_file_does_not_say_where_a_study_runs(
    command: Command, study: Path, tmp_path: Path, file: str
) -> None:
    with records.open_database(f"sqlite:///{study}") as database:
        row = records.study(database, "digits")
        records.change_budget(database, row.id, {"resources": EVIL})
    command("export", "digits", "-o", file)

    back = command("import", file, "--study", "back")

    assert "is not imported (address, storage, cache, data_dir)" in back.stderr
    with records.open_database(f"sqlite:///{study}") as database:
        assert "resources" not in records.study(database, "back").budget


@pytest.mark.parametrize("name", ["../../x", "/etc/x", "a/b", "x\x1b[2J", "", "a b", "$(id)"])
def test_a_file_s_study_has_a_name_that_can_name_files(
    command: Command, study: Path, name: str
) -> None:
    command("export", "digits", "-o", "a.jsonl")
    first, _, rest = Path("a.jsonl").read_text().partition("\n")
    Path("a.jsonl").write_text(json.dumps(json.loads(first) | {"name": name}) + "\n" + rest)

    result = command("import", "a.jsonl")

    assert result.exit_code == 1
    assert "a study's name consists of letters, digits" in result.stderr


@pytest.mark.parametrize("places", [("address",), ("storage",), ("address", "storage")])
def test_resume_connects_to_and_writes_in_nothing_that_only_the_record_names(
    command: Command, study: Path, tmp_path: Path, places: tuple[str, ...]
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.settimeout(0.2)
        known = {"port": listening.getsockname()[1], "outside": tmp_path / "outside"}
        resources = Resources().to_json() | {n: EVIL[n].format(**known) for n in places}
        with records.open_database(f"sqlite:///{study}") as database:
            row = records.study(database, "digits")
            records.change_budget(database, row.id, {"resources": resources})

        result = command("resume", "digits")

        with pytest.raises(TimeoutError):
            listening.accept()
    assert result.exit_code == 1
    assert all(f"--{name} {resources[name]}" in result.stderr for name in places)
    assert not (tmp_path / "outside").exists()


@pytest.mark.slow
def test_a_report_writes_in_no_cache_that_only_the_record_names(
    command: Command, study: Path, tmp_path: Path
) -> None:
    resources = Resources(cache=tmp_path / "outside").to_json()
    with records.open_database(f"sqlite:///{study}") as database:
        row = records.study(database, "digits")
        records.change_budget(database, row.id, {"resources": resources})

    assert command("report", "digits", "-o", "r.html").exit_code == 0
    assert not (tmp_path / "outside").exists()


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

    assert "Leave out --space" in message


def test_a_database_without_optuna_s_tables_is_left_as_it_is(
    refused: Callable[..., str], study: Path
) -> None:
    message = refused("import", f"sqlite:///{study}", "--space", str(SPACE))

    assert message == f"no Optuna storage at sqlite:///{study}."


def test_an_empty_file_is_said_to_be_empty(refused: Callable[..., str], folder: Path) -> None:
    (folder / "a.jsonl").touch()

    assert refused("import", "a.jsonl") == "a.jsonl has no line that says which study it is."
