from pathlib import Path

import pytest

from autotrick import records
from autotrick.cli.search_outcome import print_outcome
from autotrick.records import open_database
from tests.cli.conftest import Command
from tests.screened import fill_screened
from tests.synthetic import fill


@pytest.fixture(scope="module")
def clothes(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The URL of a database with a screened study of 40 trials; only for reading."""
    url = f"sqlite:///{tmp_path_factory.mktemp('screened') / 'clothes.db'}"
    fill_screened(url, runs=28, search=8, noise=0.2)
    return url


def test_effects_begin_with_the_answer(command: Command, clothes: str) -> None:
    done = command("tricks", "clothes", "--database", clothes)

    assert done.exit_code == 0
    said = " ".join(done.stdout.split())
    first = said[: said.index("Tricks of clothes")]
    assert first.startswith("Use ") and "ema" in first[: first.index(".")]
    assert "over all tricks off at the same base (fastnet, batch " in first
    assert "Not worth it: " in first and "pad crop" in first
    assert "has no screen" not in first


def test_json_has_no_answer(command: Command, clothes: str) -> None:
    done = command("tricks", "clothes", "--database", clothes, "--json")

    assert done.stdout.startswith("{") and "Use " not in done.stdout


def test_a_search_ends_with_the_answer_first(
    clothes: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with open_database(clothes, create=False) as database:
        print_outcome(database, records.study(database, "clothes"))

    said = capsys.readouterr().out
    assert said.startswith("Use ")
    assert (
        said.index("Not worth it: ") < said.index("Best trials of clothes") < said.index("Ended:")
    )


def test_a_search_without_a_complete_trial_has_no_answer(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    url = f"sqlite:///{tmp_path}/begun.db"
    fill(url, 2)
    with open_database(url, create=False) as database:
        print_outcome(database, records.study(database, "digits"))

    assert capsys.readouterr().out.startswith("Best trials of digits")
