import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from autotrick.cli import main

SPACE = """\
question = "Which rate?"
[data]
name = "digits"
validation = 0.2
[fixed]
architecture = "fastnet"
epochs = 2
batch_size = 64
[architectures.fastnet]
width = 0.1
[search]
base_lr = { low = 0.01, high = 1.0, log = true }
[tricks.cosine_decay]
"""


@pytest.fixture
def space(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    path = tmp_path / "rates.toml"
    path.write_text(SPACE)
    return path


def find(space: Path, *options: str) -> Result:
    return CliRunner().invoke(main, ["lr-find", str(space), "--updates", "30", *options])


def test_prints_suggestions_and_writes_the_curve(space: Path, tmp_path: Path) -> None:
    page = tmp_path / "rates.html"

    result = find(space, "--low", "0.001", "-o", str(page))

    assert result.exit_code == 0, result.output
    assert "valley" in result.stdout and "minimum" in result.stdout
    assert "To search it: base_lr = { low = " in result.stdout
    assert result.stderr == f"Curve: {page}\n"
    assert page.stat().st_size > 1e6


def test_json_is_one_object_and_the_same_every_time(space: Path) -> None:
    first, second = (find(space, "--json", "--recipe", "all tricks off") for _ in range(2))

    found = json.loads(first.stdout)
    assert first.stdout == second.stdout
    assert found["setting"] == "base_lr" and found["recipe"] == "all tricks off"
    assert len(found["rates"]) == len(found["losses"]) == len(found["smoothed"])
    assert find(space, "--json", "--seed", "1").stdout != first.stdout


def test_an_unknown_recipe_names_the_known_ones(space: Path) -> None:
    result = find(space, "--recipe", "best")

    assert result.exit_code == 1
    assert result.output.startswith("Error: unknown recipe 'best'. Recipes: all tricks off")


@pytest.mark.parametrize(("low", "high"), [("0", "1"), ("2", "1"), ("0.1", "inf"), ("nan", "1")])
def test_ends_that_are_no_range_are_refused(space: Path, low: str, high: str) -> None:
    result = find(space, "--low", low, "--high", high)

    assert result.exit_code == 2
    assert "--low must be above 0 and below --high" in result.output
