"""Copies of one image on both sides of a split, and copies that have different labels."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from autotrick.data import Dataset, load
from autotrick.data.dataset import Resizing
from autotrick.data.duplicates import Marked
from autotrick.data.pixels import part_of
from autotrick.recipe import DataRef

Tree = Callable[..., Path]
Table = Callable[..., Path]
Read = Callable[[], Dataset]
IMAGES = DataRef(name="folder:images", validation=0.25)


@pytest.fixture
def read(tmp_path: Path, cache: Path) -> Read:
    return lambda: load(IMAGES, data_dir=tmp_path, cache_dir=cache)


def said(data: Dataset) -> dict[str, str]:
    return {note.kind: str(note) for note in data.notes}


def test_images_that_are_all_different_need_no_note(tree: Tree, read: Read) -> None:
    tree("train/a", "train/b", "val/a", "val/b", "test/a", "test/b")

    assert read().notes == ()


def test_copies_in_own_splits_are_named(tree: Tree, read: Read) -> None:
    root = tree("train/a", "train/b", "val/a", "val/b", "test/a", "test/b")
    shutil.copy(root / "train/a/1.png", root / "val/a/copy.png")
    shutil.copy(root / "train/b/2.png", root / "test/b/copy.png")
    shutil.copy(root / "train/b/2.png", root / "test/b/again.png")
    shutil.copy(root / "val/b/0.png", root / "test/b/third.png")

    assert said(read()) == {
        "copies_validation": "1 of the 9 validation images is a copy of train images: "
        "val/a/copy.png = train/a/1.png.",
        "copies_test": "2 of the 11 test images are copies of train images: "
        "test/b/again.png = train/b/2.png, test/b/copy.png = train/b/2.png.",
        "copies_validation_test": "1 of the 11 test images is a copy of validation images: "
        "test/b/third.png = val/b/0.png.",
    }


def test_copies_are_found_by_their_pixels_not_their_bytes(tree: Tree, read: Read) -> None:
    root = tree("train/a", "train/b", "val/a", "val/b")
    with Image.open(root / "train/a/1.png") as image:
        image.save(root / "val/a/other.bmp")
        image.save(root / "val/a/compressed.png", compress_level=0)

    assert "2 of the 10 validation images" in said(read())["copies_validation"]


def test_copies_on_both_sides_of_a_carved_split_are_named(tree: Tree, read: Read) -> None:
    root = tree("a", "b", each=8)
    for i in range(8):
        shutil.copy(root / f"a/{i}.png", root / f"a/{i} (copy).png")

    data = read()
    expected = {image.tobytes() for image in np.array(data.train.images)}
    both = sum(image.tobytes() in expected for image in np.array(data.validation.images))

    assert both and said(data)["copies_validation"].startswith(
        f"{both} of the 6 images carved off for validation "
    )
    assert "(copy).png" in said(data)["copies_validation"]


def test_copies_with_another_label_are_named(tree: Tree, read: Read) -> None:
    root = tree("train/a", "train/b", "val/a", "val/b")
    shutil.copy(root / "train/a/1.png", root / "train/b/8.png")
    shutil.copy(root / "train/a/2.png", root / "train/b/9.png")
    shutil.copy(root / "train/a/2.png", root / "train/a/7.png")

    note = said(read())["label_conflict"]

    assert note.startswith("5 training images have a copy with another label: ")
    assert "train/a/1.png = train/b/8.png" in note and "train/b/9.png" in note


def test_a_class_folder_that_is_a_link_to_another_is_noticed(tree: Tree, read: Read) -> None:
    root = tree("a", "b")
    (root / "c").symlink_to(root / "a")

    assert "8 training images have a copy with another label" in said(read())["label_conflict"]


def test_a_validation_folder_that_is_a_link_to_the_train_split_is_noticed(
    tree: Tree, read: Read
) -> None:
    root = tree("train/a", "train/b")
    (root / "val").symlink_to(root / "train")

    assert said(read())["copies_validation"].startswith(
        "8 of the 8 validation images are copies of train"
    )


def test_rows_stand_for_images_that_have_no_names(
    table: Table, tmp_path: Path, cache: Path
) -> None:
    table("thing_train")
    table("thing_test")

    data = load(DataRef(name="parquet:thing", validation=0.25), data_dir=tmp_path, cache_dir=cache)

    assert said(data)["copies_test"] == (
        "8 of the 8 test images are copies of train images: row 0 of test = row 0 of train, row 1 of "
        "test = row 1 of train, row 2 of test = row 2 of train and 5 more."
    )


@pytest.mark.parametrize("chunk", [1, 3, 100])
def test_marks_tell_images_apart_whatever_the_chunks(
    chunk: int, picture: Callable[..., NDArray[np.uint8]]
) -> None:
    images = np.stack([picture(i % 7) for i in range(10)])
    marked = Marked("train", part_of(images, np.zeros(10, np.int64), Resizing()))
    for start in range(0, 10, chunk):
        marked.add(images[start : start + chunk])

    marks = marked.marks
    assert len(marks) == 10 and len(set(marks.tolist())) == 7
    assert marks[:3].tolist() == marks[7:].tolist()


def test_notes_survive_in_the_cache_as_json(tree: Tree, read: Read, cache: Path) -> None:
    root = tree("train/a", "train/b", "val/a", "val/b")
    shutil.copy(root / "train/a/1.png", root / "val/a/copy.png")
    before = read()
    entries: list[dict[str, Any]] = [
        json.loads(path.read_text()) for path in (cache / "sources").iterdir()
    ]

    assert [entry["notes"][0]["kind"] for entry in entries] == ["copies_validation"]
    assert read().notes == before.notes
