"""`autotrick table`, and what the commands on linked studies refuse."""

import json
from collections.abc import Callable
from pathlib import Path
from statistics import fmean

import pytest
from click.testing import Result

from autotrick.records import open_database, trials

Command = Callable[..., Result]
Refused = Callable[..., str]


def test_cells_are_means_of_complete_trials_and_errors_what_is_missing_to_100(
    command: Command, study: Path
) -> None:
    words = ["table", "digits", "--rows", "cosine_decay", "--columns", "mixup,cutout"]
    plain = [json.loads(line) for line in command(*words, "--json").stdout.splitlines()]
    error = [json.loads(line) for line in command(*words, "--json", "--error").stdout.splitlines()]

    with open_database("sqlite:///autotrick.db", create=False) as database:
        rows = [row for row in trials(database, "digits") if row.state == "complete"]
    assert sum(cell["num"] for cell in plain) == len(rows) > 0
    cell = next(c for c in plain if (c["row"], c["column"]) == ("cosine_decay", "mixup"))
    mine = [
        100 * row.value
        for row in rows
        if row.value is not None
        and row.recipe.tricks.keys() & {"cosine_decay", "mixup", "cutout"}
        == {"cosine_decay", "mixup"}
    ]
    assert (cell["num"], cell["value"]) == (len(mine), pytest.approx(fmean(mine)))
    for before, after in zip(plain, error, strict=True):
        assert after["value"] == pytest.approx(100 - before["value"])

    shown = command(*words).stdout
    assert "mixup + cutout" in shown and "without mixup, cutout" in shown


def test_an_unknown_setting_is_one_line(refused: Refused, study: Path) -> None:
    said = refused("table", "digits", "--rows", "mixupp", "--columns", "cutout")

    assert "Did you mean 'mixup'" in said


def test_a_study_without_a_screen_is_not_repeated_on_other_data(
    refused: Refused, study: Path
) -> None:
    said = refused("transfer", "digits", "--data", "kmnist")
    assert "has no screen" in said and "autotrick screen" in said
    assert "was not repeated on other data" in refused("transfer", "digits")


@pytest.mark.parametrize(
    ("words", "what"),
    [
        (["999"], "no trial 999"),
        (["1", "--order", "flip"], "names each trick of the trial once"),
        (["1", "--network", "fastnett"], "fastnett"),
        (["1", "--network", "fastnet:depth=2"], "has no setting 'depth'"),
    ],
)
def test_a_ladder_that_cannot_be_is_one_line(
    refused: Refused, study: Path, words: list[str], what: str
) -> None:
    assert what in refused("ladder", "digits", *words)
