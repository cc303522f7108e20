"""The command line in this process, a recorded study, and what is in a folder."""

import hashlib
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from autotrick.cli import main
from tests.synthetic import fill

Command = Callable[..., Result]

SPACE = """
question = "Which tricks help?"

[data]
name = "digits"
image_size = 16

[fixed]
architecture = "lenet5"
batch_size = 64
epochs = 3

[search]
base_lr = { low = 0.01, high = 1.0, log = true }

[tricks.mixup]
alpha = { low = 0.1, high = 1.0 }
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder in which commands run; their cache and database are outside it or in it."""
    where = tmp_path / "here"
    where.mkdir()
    monkeypatch.chdir(where)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.delenv("AUTOTRICK_DATABASE", raising=False)
    return where


@pytest.fixture
def command(folder: Path) -> Command:
    """Return a function that runs `autotrick` with some words, in `folder`."""

    def run(*words: str) -> Result:
        result = CliRunner().invoke(main, words)
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result

    return run


@pytest.fixture
def refused(command: Command, folder: Path) -> Callable[..., str]:
    """Return a function that runs a command which must say one line and change nothing."""

    def run(*words: str, status: int = 1) -> str:
        before = contents(folder)
        result = command(*words)
        lines = result.stderr.splitlines()
        assert result.exit_code == status, result.output
        assert result.stdout == ""
        assert lines[-1].startswith("Error: ")
        assert len(lines) == 1 if status == 1 else lines[0].startswith("Usage: ")
        assert contents(folder) == before
        return lines[-1].removeprefix("Error: ")

    return run


def contents(folder: Path) -> dict[str, str]:
    """Return what is in a folder: every path, and the digest of every file."""
    return {
        str(path): hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else "folder"
        for path in sorted(folder.rglob("*"))
        if not path.name.endswith(("-wal", "-shm"))
    }


@pytest.fixture
def space(folder: Path) -> Callable[..., str]:
    """Return a function that writes the space, with replacements made, and returns its path."""

    def write(*replacements: tuple[str, str], name: str = "question") -> str:
        text = SPACE
        for old, new in replacements:
            assert old in text
            text = text.replace(old, new)
        (folder / f"{name}.toml").write_text(text)
        return f"{name}.toml"

    return write


@pytest.fixture(scope="session")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("filled") / "autotrick.db"
    fill(f"sqlite:///{path}", 30)
    return path


@pytest.fixture
def study(filled: Path, folder: Path) -> Path:
    """The default database with the study `digits`: 30 trials, two of them under way."""
    path = folder / "autotrick.db"
    path.write_bytes(filled.read_bytes())
    return path
