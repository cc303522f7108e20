"""`autotrick ablate` on a recorded ablation; what it trains is in tests/tune and tests/chaos."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

from autotrick import records
from tests.ablations import parent, record_ablation

Command = Callable[..., Result]


@pytest.fixture
def ablated(folder: Path) -> None:
    with records.open_database(f"sqlite:///{folder}/autotrick.db") as database:
        parent(database)
        record_ablation(database)


@pytest.mark.usefixtures("ablated")
def test_a_finished_ablation_is_printed_without_training(command: Command) -> None:
    result = command("ablate", "search", "0")

    assert result.exit_code == 0
    lines = result.stdout.splitlines()
    assert lines[0] == "search-ablate-0: each trick in trial 0 of search"
    assert any("ema" in line and "left out" in line and "helps" in line for line in lines)
    assert "Free to drop: flip and mixup" in result.stdout


@pytest.mark.usefixtures("ablated")
def test_json_has_a_line_for_each_trick_and_one_for_what_is_free(command: Command) -> None:
    rows = [json.loads(x) for x in command("ablate", "search", "0", "--json").stdout.splitlines()]

    assert len(rows) == 7
    assert {row["trick"] for row in rows[:-1]} == {
        *("ema", "cosine_decay", "flip", "mixup", "cutmix", "cutout")
    }
    assert rows[-1]["minimal"]["removed"] == ["flip", "mixup"]


@pytest.mark.usefixtures("ablated")
@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("search", "0", "--seeds", "9"), "'search-ablate-0' was begun with --seeds 4"),
        (("search", "5"), "study 'search' has no trial 5"),
        (("nobody", "0"), "no study named 'nobody'"),
        (("search",), "does not say yet which tricks to use"),
        (("search", "5", "--study", "search-ablate-0"), "does not ablate trial 5 of 'search'"),
    ],
)
def test_what_cannot_be_ablated_is_one_line(
    refused: Callable[..., str], words: tuple[str, ...], said: str
) -> None:
    assert said in refused("ablate", *words)


@pytest.mark.usefixtures("ablated")
def test_the_ablation_is_listed_with_its_parent(command: Command) -> None:
    assert "search (ablate)" in " ".join(command("studies").stdout.split())
