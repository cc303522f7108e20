"""The page `docs/from_photos.md` is a transcript: its commands run, in order, and print such lines."""

import csv
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from sklearn.datasets import load_digits

from docs import checks

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "from_photos.md"
SHORTER = {"--time-budget 5m": "--time-budget 90s"}
"""What a test runs in place of what the page gives real photos."""


def photos(folder: Path) -> None:
    """Write real digits as photos of three classes, and others of them as new images."""
    pixels, labels = load_digits(return_X_y=True)
    for label, name in enumerate(("zero", "one", "two")):
        rows = np.flatnonzero(labels == label)
        for i, row in enumerate(rows[:120]):
            # The last ones are new: their names do not tell the class.
            where = folder / "photos" / name if i < 100 else folder / "new_photos"
            where.mkdir(parents=True, exist_ok=True)
            image = Image.fromarray((pixels[row].reshape(8, 8) * 15).astype(np.uint8))
            image.resize((16, 16)).save(where / f"{label}_{i}.png")


def test_it_is_at_most_five_commands_of_autotrick_and_nothing_is_edited() -> None:
    found = [line for line, _ in transcript()]

    assert 2 <= len(found) <= 5
    assert {line.split()[0] for line in found} == {"autotrick"}
    assert found[0].startswith("autotrick init photos")
    assert found[-1].startswith("autotrick predict photos new_photos")


@pytest.mark.slow
@pytest.mark.ray
def test_the_transcript_replays(tmp_path: Path) -> None:
    photos(tmp_path)
    environment = os.environ | {
        "AUTOTRICK_DATABASE": f"sqlite:///{tmp_path}/fresh.db",
        "XDG_CACHE_HOME": str(tmp_path / "cache"),
        "PYTHONPATH": os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")]),
    }

    for line, expected in transcript():
        ran = subprocess.run(
            [sys.executable, "-m", *shlex.split(shorter(line))],
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
            timeout=600,
            check=False,
        )
        assert ran.returncode == 0, f"{line}\n{ran.stdout}\n{ran.stderr}"
        made = (tmp_path / "classes.csv").read_text() if "classes.csv" in line else ""
        printed = {skeleton(each) for each in (ran.stdout + ran.stderr + made).splitlines()}
        missing = [each for each in expected if skeleton(each) not in printed]
        assert not missing, f"{line}\n{missing}\n{ran.stdout}\n{ran.stderr}"

    rows = list(csv.DictReader((tmp_path / "classes.csv").read_text().splitlines()))
    names = ("zero", "one", "two")
    right = [row["class"] == names[int(row["image"][0])] for row in rows]
    assert len(right) == 60
    assert np.mean(right) > 0.5


def transcript() -> list[tuple[str, list[str]]]:
    """Return the page's commands, each with the lines that it shows of their output."""
    found: list[tuple[str, list[str]]] = []
    for language, text in checks.blocks(PAGE.read_text(), "sh", "text"):
        if language == "sh":
            found += [(line, []) for line in text.splitlines()]
        else:
            found[-1][1].extend(text.splitlines())
    return found


def shorter(line: str) -> str:
    for long, short in SHORTER.items():
        line = line.replace(long, short)
    return line


def skeleton(line: str) -> str:
    """Return a line without its numbers, which differ from machine to machine."""
    return re.sub(r"[\d.,]+", "0", line).strip()
