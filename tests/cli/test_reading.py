import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

from autotrick import records
from autotrick.recipe import DataRef, EpochReport, Recipe
from tests.synthetic import fill

Command = Callable[..., Result]
KEYS = {
    *("study", "trial", "state", "digest", "metric", "value", "epochs", "seconds", "attempts"),
    *("parameters", "weights", "recipe"),
}


def objects(result: Result) -> list[dict[str, Any]]:
    def refuse(name: str) -> None:
        raise AssertionError(f"{name} is not JSON")

    return [json.loads(line, parse_constant=refuse) for line in result.stdout.splitlines()]


@pytest.fixture
def odd(folder: Path) -> Path:
    """The default database with a study whose texts look like markup, and a diverged trial."""
    recipe = Recipe(
        data=DataRef(name="folder:/data/[red]:100:/[/x]"),
        architecture="lenet5",
        epochs=1,
        batch_size=8,
        base_lr=0.1,
    )
    report = {"epoch": 1, "accuracy": 0.1, "lr": 0.1, "seconds": 1.0, "weights": "w"}
    nan = {"loss": float("nan"), "train_loss": float("inf"), "extra": {"norm": float("nan")}}
    plan = records.StudyPlan("[red]odd[/x]", "[bold]?", {}, "d", 0, {"trials": 1})
    with records.open_database(f"sqlite:///{folder}/autotrick.db") as database:
        study = records.create_study(database, plan)
        launch = records.add_trial(database, study.id, recipe, origin="[by] :smile:")
        records.add_report(database, launch.trial_id, EpochReport.model_validate(report | nan))
        records.finish_trial(database, launch.trial_id, "failed", reason="[/weird]")
    return folder / "autotrick.db"


@pytest.mark.usefixtures("study")
def test_trial_has_the_promised_keys(command: Command) -> None:
    rows = objects(command("trials", "digits", "--json"))

    assert len(rows) == 30
    assert [KEYS - set(row) for row in rows] == [set()] * 30
    assert {row["state"] for row in rows} == {"complete", "pruned", "failed", "running"}
    assert [row["trial"] for row in rows] == list(range(30))


@pytest.mark.usefixtures("study")
def test_recipe_of_a_line_is_a_recipe(command: Command) -> None:
    row = objects(command("best", "digits", "--top", "1", "--json"))[0]

    assert Recipe.model_validate(row["recipe"]).digest() == row["digest"]


@pytest.mark.usefixtures("study")
def test_best_are_complete_and_in_order(command: Command) -> None:
    rows = objects(command("best", "digits", "--top", "5", "--json"))

    values = [row["value"] for row in rows]
    assert len(values) == 5 and values == sorted(values, reverse=True)
    assert {row["state"] for row in rows} == {"complete"}


@pytest.mark.usefixtures("study")
def test_where_filters(command: Command) -> None:
    all_of_them = objects(command("trials", "digits", "--json"))

    found = objects(command("trials", "digits", "--json", "--where", "mixup and epochs >= 3"))

    expected = [r for r in all_of_them if "mixup" in r["recipe"]["tricks"] and r["epochs"] >= 3]
    assert found == expected and found


@pytest.mark.usefixtures("study")
def test_studies_count_their_trials(command: Command) -> None:
    row = objects(command("studies", "--json"))[0]

    assert row["study"] == "digits"
    assert sum(row["trials"].values()) == 30
    assert list(row["trials"]) == ["waiting", "running", "complete", "pruned", "failed"]


@pytest.mark.usefixtures("study")
def test_show_has_curve_and_attempts(command: Command) -> None:
    row = objects(command("show", "digits", "0", "--json"))[0]

    assert [report["epoch"] for report in row["reports"]] == list(range(1, row["epochs"] + 1))
    assert row["tries"][0]["environment"]["torch"]
    assert row["tries"][0]["state"] == "done"


@pytest.mark.usefixtures("study")
@pytest.mark.parametrize("words", [["tricks", "digits"], ["tricks", "digits", "--combinations"]])
def test_what_helped_is_json_too(command: Command, words: list[str]) -> None:
    rows = objects(command(*words, "--json"))

    assert rows and all(row["study"] == "digits" for row in rows)


def test_what_holds_of_several_tricks_is_said_once(command: Command, folder: Path) -> None:
    fill(f"sqlite:///{folder}/autotrick.db", 4)
    notes = [row["note"] for row in objects(command("tricks", "digits", "--json"))]

    said = command("tricks", "digits").stdout

    assert len(notes) > len(set(notes)) == 1
    assert said.count(notes[0]) == 1


def test_a_warm_start_is_told_with_the_tricks(command: Command, study: Path) -> None:
    heritage = {
        "past": [{"study": "words"}] * 4,
        "queue": [{"origin": "warm start: best of words, trial 2", "answers": {}}],
    }
    with records.open_database(f"sqlite:///{study}") as database:
        row = records.study(database, "digits")
        records.change_budget(database, row.id, {"heritage": heritage})

    said = " ".join(command("tricks", "digits").stdout.split())

    assert "Warm start: the sampler knew 4 trials of words" in said
    assert "The best of words, trial 2, has not been tried in this study yet." in said


@pytest.mark.usefixtures("study")
@pytest.mark.parametrize(
    "words",
    [
        ["studies"],
        ["best", "digits"],
        ["trials", "digits"],
        ["tricks", "digits"],
        ["tricks", "digits", "--combinations"],
        ["show", "digits", "3"],
    ],
    ids=" ".join,
)
def test_tables_are_no_wider_than_asked(command: Command, words: list[str]) -> None:
    result = command(*words)

    assert result.exit_code == 0
    assert "digits" in result.stdout
    assert max(map(len, result.stdout.splitlines())) <= 120


@pytest.mark.usefixtures("odd")
def test_text_that_looks_like_markup_is_shown_as_it_is(command: Command) -> None:
    name = "[red]odd[/x]"

    shown = [
        command(*words).stdout for words in (["studies"], ["trials", name], ["show", name, "0"])
    ]

    assert all(name in text for text in shown)
    assert "failed ([/weird])" in shown[1]
    assert "[by] :smile:" in shown[2] and "folder:/data/[red]:100:/[/x]" in shown[2]


@pytest.mark.usefixtures("odd")
def test_numbers_that_json_has_not_are_null(command: Command) -> None:
    row = objects(command("show", "[red]odd[/x]", "0", "--json"))[0]

    report = row["reports"][0]
    assert (report["loss"], report["train_loss"], report["extra"]) == (None, None, {"norm": None})


@pytest.mark.usefixtures("study")
def test_database_option_comes_before_the_variable(
    command: Command, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AUTOTRICK_DATABASE", f"sqlite:///{folder}/nowhere.db")

    by_variable = command("studies")
    by_option = command("studies", "--database", "sqlite:///autotrick.db")

    assert by_variable.exit_code == 1 and "nowhere.db" in by_variable.output
    assert by_option.exit_code == 0


def test_upgrade_of_a_new_database_changes_nothing(command: Command, study: Path) -> None:
    before = study.read_bytes()

    result = command("database", "upgrade")

    assert "up to date" in result.stdout
    assert study.read_bytes() == before
