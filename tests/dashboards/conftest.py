from pathlib import Path

import pytest

from tests.browsing import browser
from tests.synthetic import fill

__all__ = ["browser"]


@pytest.fixture(scope="session")
def filled(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The URL of a database with two studies, of 40 and of 3 trials; only for reading."""
    url = f"sqlite:///{tmp_path_factory.mktemp('records') / 'filled.db'}"
    fill(url, 40)
    fill(url, 3, name="begun <b>today</b>/?")
    return url


@pytest.fixture
def growing(tmp_path: Path) -> str:
    """The URL of a database with a study of 12 trials that a test may add to."""
    url = f"sqlite:///{tmp_path / 'growing.db'}"
    fill(url, 12)
    return url
