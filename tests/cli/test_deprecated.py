"""Names of options and JSON keys that were documented before keep working."""

import json
from collections.abc import Callable

import click
import pytest
from click.testing import CliRunner, Result

from autotrick.cli.options import renamed_option

Command = Callable[..., Result]


@click.command()
@click.option("--after", "limit", type=int)
@renamed_option("--before", to="--after", parameter="limit")
def probe(limit: int | None) -> None:
    click.echo(f"limit {limit}")


@pytest.mark.parametrize(
    ("words", "limit", "notes"),
    [
        ([], "None", 0),
        (["--after", "3"], "3", 0),
        (["--before", "4"], "4", 1),
        (["--before", "4", "--after", "3"], "3", 1),
    ],
)
def test_an_option_s_earlier_name_works_and_says_the_new_one(
    words: list[str], limit: str, notes: int
) -> None:
    result = CliRunner().invoke(probe, words)

    assert result.stdout == f"limit {limit}\n"
    assert result.stderr == "Deprecated: --before is now called --after.\n" * notes
    assert "--before" not in CliRunner().invoke(probe, ["--help"]).stdout


@pytest.mark.usefixtures("study")
def test_json_has_the_earlier_keys_too(command: Command) -> None:
    (study,) = map(json.loads, command("studies", "--json").stdout.splitlines())
    trial = json.loads(command("trials", "digits", "--json").stdout.splitlines()[2])
    (detail,) = map(json.loads, command("show", "digits", "2", "--json").stdout.splitlines())

    assert (study["study"], study["trials"]) == (study["name"], study["counts"])
    assert (trial["trial"], trial["attempts"]) == (trial["number"], trial["num_attempts"])
    assert [attempt["attempt"] for attempt in detail["tries"]] == [1]
    assert [attempt["number"] for attempt in detail["attempts"]] == [1]
