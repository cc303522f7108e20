"""What may stand in the repository's files."""

import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
FOLDERS = ("autotrick", "dashboards", "benchmarks", "docs")
FILES = [path for folder in FOLDERS for path in sorted((ROOT / folder).rglob("*.py"))]


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
    built = [name for name in listed.stdout.splitlines() if name.endswith(endings)]
    # What an earlier version wrote, to be read by this one.
    assert [name for name in built if not name.startswith("tests/golden/")] == []
