"""A file that grows over 300 lines asks to be two."""

import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
LIMIT = 300
FOLDERS = ("autotrick", "dashboards", "benchmarks", "docs")
FILES = [path for folder in FOLDERS for path in sorted((ROOT / folder).rglob("*.py"))]


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_file_has_300_lines_at_most(path: Path) -> None:
    assert len(path.read_text().splitlines()) <= LIMIT


def test_no_text_is_beyond_ascii_without_need() -> None:
    texts = [path for path in FILES if not path.read_text().isascii()]

    # Blocks of the sparkline, and what figures and pages show.
    assert {path.name for path in texts} <= {"progress.py"}


def test_nothing_that_is_built_is_in_git() -> None:
    listed = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if listed.returncode:
        pytest.skip("this is no git checkout")

    endings = (".pyc", ".db", ".checkpoint", ".html", ".npy")
    assert [name for name in listed.stdout.splitlines() if name.endswith(endings)] == []
