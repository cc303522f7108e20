"""Places that cannot be read or written: one line, whichever command meets them."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from autotrick.cli import main
from tests.cli.conftest import SPACE
from tests.rights import permissions_hold

WRITING = (
    "report digits -o PLACE/r.html",
    "export digits -o PLACE/s.jsonl",
    "export digits -o PLACE/s.parquet",
    "export digits -o PLACE/s.csv",
    "export digits --optuna sqlite:///PLACE/o.db",
    "policy import v0 -o PLACE/p.json",
    "augment question.toml -o PLACE/more",
    "search question.toml --database sqlite:///PLACE/a.db",
    "search question.toml --storage PLACE/files",
    "import study.jsonl --database sqlite:///PLACE/a.db",
)
READING = (
    "studies --database sqlite:///PLACE/a.db",
    "best digits --database sqlite:///PLACE/a.db",
    "delete digits --yes --database sqlite:///PLACE/a.db",
    "database upgrade --database sqlite:///PLACE/a.db",
    "follow digits --wait 1s --database sqlite:///PLACE/a.db",
    "import PLACE/s.jsonl",
    "import PLACE/s.parquet",
    "import PLACE --space question.toml",
    "import sqlite:///PLACE/o.db --space question.toml",
    "search PLACE/q.toml --dry-run",
    "policy show PLACE/p.json",
    "policy import PLACE/p.json -o p.json",
    "augment PLACE/recipe.json -o more",
)
OBSTACLES = ("closed", "sealed", "file.txt", "loop", "x" * 300)


@pytest.fixture
def places(folder: Path, study: Path) -> Iterator[Path]:
    """Folders without rights, a file, a link to itself, and a study that can be shown."""
    (folder / "question.toml").write_text(SPACE)
    CliRunner().invoke(main, ["export", "digits", "-o", "study.jsonl"])
    for name, rights in (("closed", 0o000), ("sealed", 0o500)):
        (folder / name).mkdir(mode=rights)
    (folder / "file.txt").write_text("text")
    (folder / "loop").symlink_to("loop")
    yield folder
    for name in ("closed", "sealed"):
        (folder / name).chmod(0o700)


def run(words: str, place: str) -> Result:
    with permissions_hold():
        return CliRunner().invoke(main, words.replace("PLACE", place).split())


@pytest.mark.slow
@pytest.mark.parametrize("words", [*WRITING, *READING])
def test_a_place_that_cannot_be_used_is_one_line(places: Path, words: str) -> None:
    before = sorted(path.name for path in places.iterdir())

    done = {place: run(words, place) for place in OBSTACLES}

    assert {place: result.exception for place, result in done.items()} == {
        place: result.exception
        for place, result in done.items()
        if isinstance(result.exception, SystemExit)
    }
    for result in done.values():
        lines = result.stderr.splitlines()
        assert result.exit_code in (1, 2) and lines[-1].startswith("Error: "), result.output
        assert result.exit_code == 2 or len(lines) == 1, result.output
    assert sorted(path.name for path in places.iterdir()) == before


def test_a_database_that_may_not_be_read_is_one_line(places: Path) -> None:
    (places / "autotrick.db").chmod(0)

    done = [run(words, "x") for words in ("studies", "best digits", "resume digits", "dashboard")]

    assert [result.exit_code for result in done] == [1, 1, 1, 1]
    assert all("cannot be used" in result.stderr for result in done)
