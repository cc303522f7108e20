"""`autotrick init`: from a folder of images to a space that is searched as it stands."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from autotrick import space as spaces

Command = Callable[..., Any]
Refused = Callable[..., str]


@pytest.fixture
def photos(folder: Path) -> Callable[..., Path]:
    """Return a function that writes noise into class folders; a class of it has `each` images."""
    drawn = np.random.default_rng(0)

    def make(*classes: str, each: int = 20, side: int = 16, channels: int = 3) -> Path:
        shape = (side, side) if channels == 1 else (side, side, channels)
        for name in classes:
            place = folder / "photos" / name
            place.mkdir(parents=True, exist_ok=True)
            for i in range(each):
                Image.fromarray(drawn.integers(0, 256, shape, np.uint8)).save(place / f"{i}.png")
        return folder / "photos"

    return make


def test_a_space_is_written_that_loads_and_runs_dry(
    command: Command, photos: Callable[..., Path], folder: Path
) -> None:
    photos("cat", "dog", "fox")

    shown = command("init", "photos", "--time-budget", "30m")

    assert shown.exit_code == 0
    assert (
        "folder:photos: 60 training images of 3 classes, 16x16 pixels, in colour." in shown.stdout
    )
    assert "18 validation images has a standard error of 7.1 points" in shown.stdout.replace(
        "\n", " "
    )
    assert "autotrick search photos.toml --dry-run" in shown.stdout
    space = spaces.load(folder / "photos.toml")
    assert space.data.name == "folder:photos" and space.study.time_budget_min == 30
    dry = command("search", "photos.toml", "--dry-run")
    assert dry.exit_code == 0 and "No trial was run" in dry.stdout
    assert re.search(r"cat +│ +14 │ +6", dry.stdout)


def test_json_has_what_was_seen_and_decided(command: Command, photos: Callable[..., Path]) -> None:
    photos("0", "1", channels=1)

    found = json.loads(command("init", "photos", "--json").stdout)

    assert found["data"]["counts"] == {"train": [14, 14], "validation": [6, 6]}
    assert found["forbidden"] == ["flip", "vertical_flip", "right_angle"]
    assert found["space"].endswith("/photos.toml")


def test_an_existing_file_is_not_replaced_unless_asked(
    command: Command, refused: Refused, photos: Callable[..., Path], folder: Path
) -> None:
    photos("a", "b")
    (folder / "photos.toml").write_text("mine")

    line = refused("init", "photos")

    assert line.startswith(f"{folder}/photos.toml is there already.") and "--force" in line
    assert command("init", "photos", "--force").exit_code == 0
    assert "question" in (folder / "photos.toml").read_text()


def test_every_image_that_cannot_be_read_is_listed(
    command: Command, photos: Callable[..., Path], folder: Path
) -> None:
    root = photos("a", "b")
    for i in range(5):
        (root / f"a/{i}.png").write_bytes(b"\x89PNG broken")
    (root / "b/notes.txt").write_text("x")

    shown = command("init", "photos")

    assert shown.exit_code == 1 and not (folder / "photos.toml").exists()
    for i in range(5):
        assert f"/photos/a/{i}.png cannot be read as an image" in shown.stderr
    assert re.search(r"│ b +│ +20 │", shown.stdout)
    assert "1 file is not an image and was left out" in shown.stderr
    assert shown.stderr.splitlines()[-1].startswith("Error: 5 images of ")


@pytest.mark.parametrize(
    ("classes", "said"),
    [
        (("only",), "a classifier needs 2 classes to train on, but folder:photos has 1."),
        ((), "has no folders. Put the images of each class into one of its own."),
    ],
)
def test_folders_that_are_no_question_are_one_line(
    refused: Refused, photos: Callable[..., Path], folder: Path, classes: tuple[str, ...], said: str
) -> None:
    photos(*classes)
    (folder / "photos").mkdir(exist_ok=True)

    assert said in refused("init", "photos")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["nowhere"], "there is no file or folder /"),
        (["cifra10"], "Did you mean 'cifar10'?"),
        (["cifar10"], "Give the folder they are in as --data-dir."),
        (["digits", "-o", "gone/x.toml"], "there is no folder /"),
    ],
)
def test_what_is_not_there_is_one_line_with_the_whole_path(
    refused: Refused, words: list[str], said: str
) -> None:
    assert said in refused("init", *words)
