"""A database with a study that has trials in every state."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from autotrick import records
from autotrick.records import Database
from tests.synthetic import fill

TRIALS = 30


@pytest.fixture(scope="session")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("exchange") / "autotrick.db"
    fill(f"sqlite:///{path}", TRIALS)
    return path


@pytest.fixture
def source(filled: Path, tmp_path: Path) -> Iterator[Database]:
    """The study `digits`: 30 trials, two of them under way, one failed."""
    copy = shutil.copy(filled, tmp_path.with_suffix(".db"))
    with records.open_database(f"sqlite:///{copy}", create=False) as database:
        yield database


@pytest.fixture
def space() -> Path:
    return Path(__file__).parents[1] / "spaces" / "quickstart.toml"
