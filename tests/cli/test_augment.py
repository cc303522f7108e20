import csv
import json
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet
import pytest
from click.testing import Result
from PIL import Image

from autotrick.data import Dataset, load
from autotrick.recipe import DataRef

Command = Callable[..., Result]
Space = Callable[..., str]

TRICKS = (
    "[tricks.mixup]\nalpha = { low = 0.1, high = 1.0 }",
    "[tricks.flip]\n[tricks.brightness]\n[tricks.mixup]",
)


def augmented(folder: Path, name: str) -> Dataset:
    return load(DataRef(name=f"parquet:{folder / name}", validation=None))


def table(folder: Path, name: str, split: str = "train") -> dict[str, list[Any]]:
    path = folder / name / f"{split}-00000-of-00001.parquet"
    found: dict[str, list[Any]] = pyarrow.parquet.read_table(path).to_pydict()
    return found


def test_the_train_split_alone_is_augmented(command: Command, space: Space, folder: Path) -> None:
    plain = load(DataRef(name="digits", image_size=16))

    done = command("augment", space(TRICKS), "--factor", "3", "-o", "more")

    made = augmented(folder, "more")
    count = len(plain.train)
    assert done.stdout.startswith(f"more: {3 * count:,} training images (x3) with flip, brightness")
    assert len(made.train) == 3 * count and made.classes == plain.classes
    np.testing.assert_array_equal(made.train.images[:count], plain.train.images)
    np.testing.assert_array_equal(made.train.labels, np.tile(plain.train.labels, 3))
    np.testing.assert_array_equal(made.validation.images, plain.validation.images)
    assert made.test is not None and plain.test is not None
    np.testing.assert_array_equal(made.test.images, plain.test.images)
    first, second, third = np.split(made.train.images, 3)
    assert (first != second).any(axis=(1, 2, 3)).mean() > 0.9
    assert (second != third).any(axis=(1, 2, 3)).mean() > 0.9


def test_sources_and_draws_are_on_record(command: Command, space: Space, folder: Path) -> None:
    command("augment", space(TRICKS), "--factor", "2", "-o", "more", "--seed", "7")

    known = json.loads((folder / "more" / "manifest.json").read_text())
    assert known["factor"] == 2 and known["seed"] == 7 and known["data"] == "digits"
    assert [*known["tricks"]] == ["flip", "brightness"] and known["without"] == ["mixup"]
    assert known["fingerprint"] == load(DataRef(name="digits", image_size=16)).fingerprint
    rows = table(folder, "more")
    count = len(rows["source"]) // 2
    assert rows["source"] == [*range(count)] * 2
    assert rows["copy"] == [0] * count + [1] * count
    assert rows["image"][count]["path"] == "000000_1.png"


def test_without_a_factor_it_is_the_product_of_the_tricks_own(
    command: Command, space: Space, folder: Path
) -> None:
    tricks = (TRICKS[0], "[tricks.flip]\n[tricks.right_angle]")

    command("augment", space(tricks), "-o", "more")

    known = json.loads((folder / "more" / "manifest.json").read_text())
    assert known["factors"] == {"flip": 2, "right_angle": 4} and known["factor"] == 8
    assert len(table(folder, "more")["source"]) == 8 * len(
        load(DataRef(name="digits", image_size=16)).train
    )


@pytest.mark.slow
def test_keras_offline_writes_thirty_one_of_each(
    command: Command, space: Space, folder: Path
) -> None:
    plain = load(DataRef(name="digits", image_size=16))

    command("augment", space(), "--preset", "keras_offline", "--factor", "31", "-o", "more")

    rows = table(folder, "more")
    _, counts = np.unique(rows["source"], return_counts=True)
    assert (counts == 31).all() and len(counts) == len(plain.train)
    assert len(table(folder, "more", "validation")["source"]) == len(plain.validation)
    known = json.loads((folder / "more" / "manifest.json").read_text())
    assert [*known["tricks"]] == ["scale", "rotate", "shear", "translate", "flip"]
    assert known["tricks"]["rotate"]["degrees"] == 20 and known["factor"] == 31
    assert known["without"] == []


def test_a_preset_keeps_to_the_profile(refused: Callable[..., str], space: Space) -> None:
    barring = ("[tricks.mixup]", '[augmentation]\nforbidden = ["flip"]\n[tricks.mixup]')

    message = refused(
        "augment", space(barring), "--preset", "keras_offline", "--factor", "2", "-o", "more"
    )

    assert message.startswith("keras_offline: flip does flip, which [augmentation] forbids.")
    assert "unknown preset 'keras'" in refused(
        "augment", space(), "--preset", "keras", "--factor", "2", "-o", "more"
    )


def test_copies_of_another_size_are_refused(refused: Callable[..., str], space: Space) -> None:
    message = refused(
        "augment",
        space((TRICKS[0], "[tricks.random_crop]\nalways = true")),
        "--factor",
        "2",
        "-o",
        "more",
    )

    assert message.startswith("random_crop makes images smaller")


def test_a_recipe_gives_the_same_images_again(command: Command, space: Space, folder: Path) -> None:
    command("augment", space(TRICKS), "--factor", "2", "-o", "once")
    known = json.loads((folder / "once" / "manifest.json").read_text())
    (folder / "recipe.json").write_text(json.dumps(known["recipe"]))

    command("augment", "recipe.json", "--factor", "2", "-o", "again")

    assert augmented(folder, "once").fingerprint == augmented(folder, "again").fingerprint


def test_a_folder_with_something_in_it_is_left_alone(
    command: Command, refused: Callable[..., str], space: Space, folder: Path
) -> None:
    (folder / "more").mkdir()
    (folder / "more" / "mine.txt").write_text("mine")

    assert "more is not empty" in refused("augment", space(TRICKS), "--factor", "2", "-o", "more")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "is not JSON: "),
        ("[]", ": does not hold a recipe."),
        ('{"recipe": {}}', ": does not hold a recipe."),
    ],
)
def test_a_file_without_a_recipe_is_refused(
    refused: Callable[..., str], folder: Path, text: str, said: str
) -> None:
    (folder / "recipe.json").write_text(text)

    message = refused("augment", "recipe.json", "--factor", "2", "-o", "more")

    assert message.removeprefix("recipe.json").lstrip(" ").startswith(said.lstrip(" "))


def test_a_space_without_image_tricks_is_refused(
    refused: Callable[..., str], space: Space, folder: Path
) -> None:
    message = refused("augment", space(), "--factor", "2", "-o", "more")

    assert "no trick that augments images" in message
    assert not (folder / "more").exists()


def sources(folder: Path, name: str) -> list[dict[str, str]]:
    with (folder / name / "sources.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def asymmetric(folder: Path) -> None:
    """Write a folder of images none of which is its own mirror image, but for the first of a class."""
    noise = np.random.default_rng(0).integers(0, 256, (16, 16, 16, 3), np.uint8)
    noise[[0, 8]] = noise[[0, 8], :, ::-1] // 2 + noise[[0, 8]] // 2
    for i, pixels in enumerate(noise):
        place = folder / "images" / "train" / "ab"[i // 8]
        place.mkdir(parents=True, exist_ok=True)
        Image.fromarray(pixels).save(place / f"photo {i}.png")


FOLDER = '[data]\nname = "digits"\nimage_size = 16', '[data]\nname = "folder:images"'


@pytest.mark.parametrize("count", [2, 3])
def test_copies_that_equal_one_before_them_are_drawn_again(
    command: Command, space: Space, folder: Path, count: int
) -> None:
    asymmetric(folder)
    flip = (TRICKS[0], "[tricks.flip]")

    done = command("augment", space(FOLDER, flip), "--factor", str(count), "-o", "more")

    rows = table(folder, "more")
    images = [image["bytes"] for image in rows["image"]]
    pictures = dict[int, set[bytes]]()
    for source, image in zip(rows["source"], images, strict=True):
        pictures.setdefault(source, set()).add(image)
    different = sum(len(found) for found in pictures.values())
    known = json.loads((folder / "more" / "manifest.json").read_text())
    # Every image and its mirror image, as often as they differ; a third copy has nothing new.
    assert known["equal"] == len(images) - different
    assert {*map(len, pictures.values())} <= {1, 2} and different > 1.8 * len(pictures)
    assert known["drawn_again"] > known["equal"] - (count - 2) * len(pictures)
    listed = [line for line in sources(folder, "more") if line["split"] == "train"]
    assert sum(int(line["equal"]) for line in listed) == known["equal"]
    said = done.stdout.splitlines()[1]
    assert said.startswith(f"{known['equal']} of the {len(images) - len(pictures)} copies equal")


def test_copies_with_many_outcomes_all_differ(command: Command, space: Space, folder: Path) -> None:
    done = command("augment", space(TRICKS), "--factor", "3", "-o", "more")

    rows = table(folder, "more")
    found = {(s, image["bytes"]) for s, image in zip(rows["source"], rows["image"], strict=True)}
    assert len(found) == len(rows["source"])
    assert "none of the " in done.stdout.splitlines()[1]
    assert json.loads((folder / "more" / "manifest.json").read_text())["equal"] == 0


def test_every_image_leads_to_its_source(command: Command, space: Space, folder: Path) -> None:
    asymmetric(folder)

    done = command(
        "augment", space(FOLDER, (TRICKS[0], "[tricks.flip]")), "--factor", "2", "-o", "more"
    )
    assert done.exit_code == 0, done.output

    lines = sources(folder, "more")
    for split in ("train", "validation"):
        rows = table(folder, "more", split)
        listed = [line for line in lines if line["split"] == split]
        assert [line["image"] for line in listed] == [image["path"] for image in rows["image"]]
        assert [int(line["source"]) for line in listed] == rows["source"]
        for line, image in zip(listed, rows["image"], strict=True):
            if line["copy"] == "0":
                original = np.asarray(Image.open(folder / "images" / line["name"]))
                np.testing.assert_array_equal(Image.open(BytesIO(image["bytes"])), original)
    assert len({line["name"] for line in lines}) == 16


def test_sources_without_names_have_their_numbers(
    command: Command, space: Space, folder: Path
) -> None:
    command("augment", space(TRICKS), "--factor", "1", "-o", "more")

    lines = sources(folder, "more")
    assert {line["name"] for line in lines} == {""}
    assert {line["split"] for line in lines} == {"train", "validation", "test"}
