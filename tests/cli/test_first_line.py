"""What is missing is said before torch and Ray are loaded, and the first line comes at once."""

import json
import os
import pty
import subprocess
import sys
import time
from pathlib import Path

import pytest

MISSING = """
import json, sys
from click.testing import CliRunner
from autotrick.cli import main
found = CliRunner().invoke(main, json.loads(sys.argv[1]))
heavy = sorted({"torch", "ray", "torchvision", "timm"} & set(sys.modules))
print(json.dumps([found.exit_code, found.stderr, heavy]))
"""

SPACE = """
question = "Which?"
[data]
name = "folder:no_photos"
image_size = 32
[fixed]
architecture = "torchvision/resnet18"
epochs = 2
batch_size = 8
[search]
base_lr = { low = 0.1, high = 0.5 }
"""


@pytest.mark.parametrize(
    ("words", "path"),
    [
        (["search", "no.toml"], "no.toml"),
        (["screen", "no.toml"], "no.toml"),
        (["lr-find", "no.toml"], "no.toml"),
        (["search", "space.toml"], "no_photos"),
        (["search", "space.toml", "--dry-run"], "no_photos"),
        (["lr-find", "space.toml"], "no_photos"),
        (["search", "space.toml", "--data-dir", "no_folder"], "no_folder"),
        (["submit", "no.toml", "--address", "http://h:1", "--storage", "/s"], "no.toml"),
        (["init", "no_photos"], "no_photos"),
        (["report", "x"], "autotrick.db"),
        (["reproduce", "x", "0"], "autotrick.db"),
        (["ensemble", "x"], "autotrick.db"),
        (["confirm", "x"], "autotrick.db"),
        (["ablate", "x"], "autotrick.db"),
        (["resume", "x"], "autotrick.db"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else value,
)
def test_what_is_missing_is_said_before_anything_heavy_is_loaded(
    words: list[str], path: str, tmp_path: Path
) -> None:
    (tmp_path / "space.toml").write_text(SPACE)
    environment = {k: v for k, v in os.environ.items() if k != "AUTOTRICK_DATABASE"}

    done = subprocess.run(
        [sys.executable, "-c", MISSING, json.dumps(words)],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )

    status, said, heavy = json.loads(done.stdout)
    assert status in (1, 2) and heavy == []
    assert str(tmp_path / path) in said
    assert said.splitlines()[-1].startswith("Error: ")


def processor_seconds(process: int) -> float:
    """Return the time that a process has spent computing."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("words", "begins"),
    [
        (["search", "quickstart", "--dry-run"], "Reading quickstart ..."),
        (["lr-find", "quickstart"], "Reading quickstart ..."),
        (["init", "digits"], "Looking at digits ..."),
        (["report", "x"], "Opening the database ..."),
        (["reproduce", "x", "0"], "Opening the database ..."),
        (["ensemble", "x"], "Opening the database ..."),
        (["confirm", "x"], "Opening the database ..."),
        (["ablate", "x"], "Opening the database ..."),
        (["screen", "quickstart"], "Reading quickstart ..."),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else None,
)
def test_the_first_line_at_a_terminal_comes_within_a_second(
    words: list[str], begins: str, tmp_path: Path
) -> None:
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "autotrick", *words],
        cwd=tmp_path,
        stdout=theirs,
        stderr=theirs,
        start_new_session=True,
    )
    os.close(theirs)
    try:
        seen, end = b"", time.monotonic() + 60
        while b"\n" not in seen and time.monotonic() < end:
            seen += os.read(ours, 1024)
        spent = processor_seconds(process.pid)
    finally:
        process.kill()
        process.wait()
        os.close(ours)

    # Of the processor: the machine may have other work.
    assert begins in seen.decode().splitlines()[0] and spent < 1
