"""What is left out of a data set is shown by the commands that read it, and is in the report."""

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from click.testing import Result
from PIL import Image

from autotrick import records
from autotrick.data import recorded
from autotrick.tune import Resources
from tests.synthetic import a_space, fill

Command = Callable[..., Result]
Space = Callable[..., str]
TEXT = "Data: 2 files are not images and were left out (2 .txt): cat/1.txt, dog/2.txt."
HEIC = (
    "Data: 1 file of a picture in a format that is not read was left out (1 .heic); convert to "
    "PNG or JPEG: cat/1.heic."
)


@pytest.fixture
def images(folder: Path) -> Path:
    """Two classes of eight images, a file of another kind in each, and an image of a telephone."""
    root = folder / "images"
    for number, label in enumerate(("cat", "dog")):
        (root / label).mkdir(parents=True)
        for i in range(8):
            pixels = np.random.default_rng(8 * number + i).integers(0, 256, (16, 16, 3), np.uint8)
            Image.fromarray(pixels).save(root / label / f"{i}.png")
        (root / label / f"{number + 1}.txt").touch()
    (root / "cat" / "1.heic").write_bytes(b"ftypheic")
    return root


@pytest.fixture
def over_images(space: Space, images: Path) -> str:
    return space(
        ('"digits"', '"folder:images"\nvalidation = 0.25'),
        ("batch_size = 64", "batch_size = 4"),
        ("epochs = 3", "epochs = 1"),
    )


def test_a_dry_run_shows_what_was_left_out(command: Command, over_images: str) -> None:
    done = command("search", over_images, "--dry-run")

    assert done.exit_code == 0
    assert done.stderr.splitlines() == [HEIC, TEXT]


def test_other_commands_show_it_too(command: Command, over_images: str) -> None:
    done = command("preview", over_images, "-o", "a.png", "--count", "2")

    assert done.exit_code == 0, done.output
    assert done.stderr.splitlines() == [HEIC, TEXT]


def test_a_folder_that_is_all_images_needs_no_line(
    command: Command, over_images: str, images: Path
) -> None:
    for name in ("cat/1.txt", "dog/2.txt", "cat/1.heic"):
        (images / name).unlink()

    assert command("search", over_images, "--dry-run").stderr == ""


def test_names_of_other_bytes_are_shown(command: Command, over_images: str, images: Path) -> None:
    (images / "cat" / "1.heic").rename(images / "cat" / "\udcff\x1b[31m.heic")

    assert "cat/\\xff\\x1b[31m.heic." in command("search", over_images, "--dry-run").stderr


@pytest.mark.slow
@pytest.mark.ray
def test_search_and_resume_say_it_and_the_report_has_it(
    command: Command, over_images: str, images: Path, folder: Path
) -> None:
    shutil.copy(images / "cat" / "0.png", images / "dog" / "same.png")
    conflict = "Data: 2 training images have a copy with another label: cat/0.png = dog/same.png."
    done = command("search", over_images, "--trials", "1")
    again = command("resume", "question")
    report = command("report", "question", "-o", "a.html")

    assert [done.exit_code, again.exit_code, report.exit_code] == [0, 0, 0]
    for said in (done.stderr, again.stderr):
        lines = [line for line in said.splitlines() if line.startswith("Data: ")]
        assert lines[:3] == [conflict, HEIC, TEXT]
        assert len(lines) == len(set(lines))
    text = (folder / "a.html").read_text()
    assert "2 files are not images and were left out (2 .txt)" in text
    with records.open_database("sqlite:///autotrick.db") as database:
        facts = recorded(records.study(database, "question").data)
    assert facts is not None and facts.classes == ("cat", "dog")
    assert [sum(counts) for counts in facts.counts.values()] == [13, 4]


def test_a_resumed_study_says_what_was_left_out_when_it_was_made(
    command: Command, folder: Path
) -> None:
    fill("sqlite:///autotrick.db", 3, space=a_space())
    with records.open_database("sqlite:///autotrick.db") as database:
        row = records.study(database, "digits")
        records.change_budget(database, row.id, {"resources": Resources().to_json()})
        records.acquire_lease(database, row.id, "elsewhere:1:2", stale_after=60)

    done = command("resume", "digits")

    assert done.exit_code == 1
    assert done.stderr.startswith(
        "Data: 5 files are not images and were left out (5 .txt): 0/a.txt, "
    )


def test_a_report_has_the_classes_and_notes_of_its_data(command: Command, folder: Path) -> None:
    fill("sqlite:///autotrick.db", 3, space=a_space())

    command("report", "digits", "-o", "a.html")

    text = (folder / "a.html").read_text()
    assert (
        "10 classes, 8x8 pixels, grey. Images: 1,300 for train, 140 for validation, 360 for" in text
    )
    assert (
        "5 files are not images and were left out (5 .txt): 0/a.txt, &lt;b&gt;.txt and 3 more."
        in (text)
    )


def test_a_report_of_an_older_study_has_no_such_section(folder: Path) -> None:
    from autotrick.report.page import write

    fill("sqlite:///autotrick.db", 3, space=a_space())
    with records.open_database("sqlite:///autotrick.db") as database:
        row = replace(records.study(database, "digits"), data=None)
        write(folder / "a.html", row, records.trials(database, "digits"), {}, None)

    assert "The images</h2>" not in (folder / "a.html").read_text()
