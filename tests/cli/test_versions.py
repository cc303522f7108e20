"""A study that another version recorded is shown as far as it can be, which is said; none goes on."""

import json
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

Command = Callable[..., Result]
Refused = Callable[..., str]
Change = Callable[[Any], None]
READING = (
    ("best", "digits"),
    ("best", "digits", "--json"),
    ("tricks", "digits"),
    ("tricks", "digits", "--combinations"),
    ("trials", "digits"),
    ("trials", "digits", "--json", "--where", "mixup or epochs > 1"),
    ("show", "digits", "3"),
    ("export", "digits", "-o", "out.jsonl"),
    ("export", "digits", "-o", "out.parquet"),
    ("export", "digits", "-o", "out.csv"),
    ("studies",),
    ("follow", "digits", "--wait", "1s"),
)


def unknown_trick(space: Any) -> None:
    space["tricks"]["dreamup"] = {"strength": {"low": 0.1, "high": 2.0}}


def unknown_pruning(space: Any) -> None:
    space["pruning"] = {"method": "dehb", "first": 1}


def unknown_sampler(space: Any) -> None:
    space["study"]["sampler"] = "bohb"


def unknown_setting(space: Any) -> None:
    space["study"]["patience"] = 3


def unknown_architecture(space: Any) -> None:
    space["search"]["architecture"] = ["vit9", "lenet5"]
    space["fixed"].pop("architecture", None)
    space["architectures"] = {"vit9": {"heads": 4}, "lenet5": {"width": 1.0}}


def unknown_objective(space: Any) -> None:
    space["objective"] = {"objectives": ["accuracy", "energy"]}


def unknown_table(space: Any) -> None:
    space["federation"] = {"clients": 4}


def other_origins(space: Any) -> None:
    space["origins"] = {"lenet5": 1e-320}


SPACES = (
    unknown_trick,
    unknown_pruning,
    unknown_sampler,
    unknown_setting,
    unknown_architecture,
    unknown_objective,
    unknown_table,
    other_origins,
)


def further_field(recipe: Any) -> None:
    recipe["rotary"] = True


def further_data_field(recipe: Any) -> None:
    recipe["data"]["colour_space"] = "lab"


def other_precision(recipe: Any) -> None:
    recipe["precision"] = "fp8"


def trick_in_recipe(recipe: Any) -> None:
    recipe["tricks"]["dreamup"] = {"strength": 1.0}


def other_course(recipe: Any) -> None:
    recipe["course"] = [{"after": 1, "fields": {"temperature": 2.0}, "tricks": {}}]


def text_for_a_rate(recipe: Any) -> None:
    recipe["base_lr"] = "auto"


RECIPES = (further_field, further_data_field, other_precision, other_course, text_for_a_rate)


def alter(study: Path, table: str, column: str, change: Change) -> None:
    with sqlite3.connect(study) as connection:
        for key, text in connection.execute(f"SELECT id, {column} FROM {table}").fetchall():
            value = json.loads(text)
            change(value)
            set_to = f"UPDATE {table} SET {column} = ? WHERE id = ?"
            connection.execute(set_to, (json.dumps(value), key))
    connection.close()


@pytest.mark.slow
@pytest.mark.parametrize("change", SPACES)
def test_a_study_over_another_version_s_space_is_shown_and_it_is_said(
    command: Command, study: Path, change: Change
) -> None:
    alter(study, "autotrick_studies", "space", change)

    done = {words: command(*words) for words in READING}

    assert {words: shown.output for words, shown in done.items() if shown.exit_code} == {}
    silent = {words for words, shown in done.items() if "another version's" not in shown.stderr}
    assert silent == {("studies",)}
    assert all(shown.stdout for shown in done.values())


@pytest.mark.parametrize("change", [unknown_trick, unknown_pruning, unknown_table, other_origins])
@pytest.mark.parametrize(
    "words", [("resume", "digits"), ("extend", "digits", "--trials", "3")], ids=["resume", "extend"]
)
def test_nothing_goes_on_with_another_version_s_space(
    refused: Refused, study: Path, words: tuple[str, ...], change: Change
) -> None:
    alter(study, "autotrick_studies", "space", change)

    line = refused(*words)

    assert "study 'digits' was recorded by another version of autotrick" in line


@pytest.mark.slow
@pytest.mark.parametrize("change", [*RECIPES, trick_in_recipe])
def test_recipes_of_another_version_are_shown_and_it_is_said(
    command: Command, study: Path, change: Change
) -> None:
    alter(study, "autotrick_trials", "recipe", change)

    done = {words: command(*words) for words in READING}

    assert {words: shown.output for words, shown in done.items() if shown.exit_code} == {}
    said = {words for words, shown in done.items() if "are another version's" in shown.stderr}
    aside = {("studies",), ("tricks", "digits", "--combinations")}
    assert said == ({*READING} - aside if change is not trick_in_recipe else set())


@pytest.mark.parametrize("change", RECIPES)
def test_an_export_holds_another_version_s_recipe_as_it_was_recorded(
    command: Command, study: Path, change: Change
) -> None:
    alter(study, "autotrick_trials", "recipe", change)

    command("export", "digits", "-o", "out.jsonl")

    line = Path("out.jsonl").read_text().splitlines()[3]
    with sqlite3.connect(study) as connection:
        query = "SELECT recipe FROM autotrick_trials WHERE number = 2"
        recorded = connection.execute(query).fetchone()[0]
    connection.close()
    assert json.loads(line)["recipe"] == json.loads(recorded)


@pytest.mark.slow
@pytest.mark.parametrize("change", [further_field, trick_in_recipe])
def test_another_version_s_recipe_is_not_trained(
    refused: Refused, study: Path, change: Change
) -> None:
    alter(study, "autotrick_trials", "recipe", change)

    line = refused("reproduce", "digits", "3")

    assert "another version" in line or "unknown trick 'dreamup'" in line


def test_states_of_another_version_are_shown(command: Command, study: Path) -> None:
    with sqlite3.connect(study) as connection:
        connection.execute("UPDATE autotrick_trials SET state = 'frozen' WHERE number IN (3, 4)")
        connection.execute("UPDATE autotrick_studies SET state = 'paused'")
        connection.execute("UPDATE autotrick_attempts SET state = 'moved'")
    connection.close()

    done = {words: command(*words) for words in READING}

    assert {words: shown.output for words, shown in done.items() if shown.exit_code} == {}
    counts = json.loads(command("studies", "--json").stdout)["trials"]
    assert counts["frozen"] == 2 and sum(counts.values()) == 30
    assert "states that this autotrick does not know: 'frozen'" in done["best", "digits"].stderr


@pytest.mark.slow
@pytest.mark.parametrize(
    ("table", "column", "change"),
    [
        ("autotrick_studies", "space", unknown_trick),
        ("autotrick_studies", "space", unknown_objective),
        ("autotrick_trials", "recipe", further_field),
        ("autotrick_trials", "recipe", trick_in_recipe),
    ],
)
def test_the_report_is_written_without_what_cannot_be_read(
    command: Command, study: Path, table: str, column: str, change: Change
) -> None:
    alter(study, table, column, change)

    done = command("report", "digits")

    assert done.exit_code == 0 and Path("digits.html").stat().st_size > 100_000
    told = "another version's" if change is not trick_in_recipe else "without the winner's images"
    assert told in done.stderr
