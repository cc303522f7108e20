"""Images that are nearly the same on both sides of a split, and those that only look alike."""

import io
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from autotrick.data import load
from autotrick.data.near_duplicates import correlation, near_duplicates, thumbnails
from autotrick.recipe import DataRef

Images = NDArray[np.uint8]
Change = Callable[[Images], Images]


def scenes(count: int, seed: int, side: int = 32) -> Images:
    """Return smooth images that are all different, as photographs are."""
    drawn = np.random.default_rng(seed)
    small = drawn.integers(0, 256, (count, 6, 6, 3), np.uint8)
    return np.stack([np.asarray(Image.fromarray(i).resize((side, side), 3)) for i in small])


def saved_again(image: Images) -> Images:
    buffer = io.BytesIO()
    Image.fromarray(image).save(buffer, "JPEG", quality=85)
    return np.asarray(Image.open(buffer))


def brighter(image: Images) -> Images:
    found: Images = np.clip(image * 0.7 + 60, 0, 255).astype(np.uint8)
    return found


def resized(image: Images) -> Images:
    return np.asarray(Image.fromarray(image).resize((20, 20), 2).resize((32, 32), 2))


def pairs(ours: Images, theirs: Images) -> list[tuple[int, int]]:
    found, looked = near_duplicates(
        thumbnails(ours), thumbnails(theirs), lambda i: ours[i], lambda i: theirs[i]
    )
    assert looked == len(theirs)
    return found


@pytest.mark.parametrize("change", [saved_again, brighter, resized], ids=lambda c: c.__name__)
def test_a_changed_copy_is_found(change: Change) -> None:
    ours, theirs = scenes(300, 0), scenes(50, 1)
    theirs[7], theirs[31] = change(ours[250]), change(ours[4])

    assert pairs(ours, theirs) == [(7, 250), (31, 4)]


def test_other_images_and_images_of_one_colour_are_not() -> None:
    ours, theirs = scenes(300, 0), scenes(50, 1)
    ours[3], theirs[3] = 128, 129

    assert pairs(ours, theirs) == []


@pytest.mark.parametrize("shape", [(5, 4, 4, 1), (5, 3, 40, 3), (5, 8, 8, 1), (5, 33, 17, 3)])
def test_thumbnails_are_means_of_any_shape(shape: tuple[int, ...]) -> None:
    images = np.random.default_rng(0).integers(0, 256, shape, np.uint8)

    small = thumbnails(images)

    assert small.shape == (5, min(8, shape[1]) * min(8, shape[2]))
    if shape[1] == shape[2] == 8:
        assert np.array_equal(small.reshape(5, 8, 8), images[..., 0])
    assert abs(small.mean() - images.mean()) < 3


def test_correlation_does_not_see_brightness() -> None:
    image = scenes(1, 0)[0]

    assert correlation(image, brighter(image)) > 0.999
    assert correlation(image, 255 - image) < -0.999
    assert correlation(image, np.full_like(image, 3)) == 0


def test_a_large_second_side_is_sampled(monkeypatch: pytest.MonkeyPatch) -> None:
    ours, theirs = scenes(10, 0), scenes(50, 1)
    theirs[25], theirs[26] = ours[0], ours[1]
    monkeypatch.setattr("autotrick.data.near_duplicates.MOST_PAIRS", 100)

    found, looked = near_duplicates(
        thumbnails(ours), thumbnails(theirs), lambda i: ours[i], lambda i: theirs[i]
    )

    assert (found, looked) == ([(25, 0)], 10)


def test_sixty_thousand_images_are_compared_in_seconds() -> None:
    drawn = np.random.default_rng(0).integers
    ours, theirs = drawn(0, 256, (54_000, 64), np.uint8), drawn(0, 256, (6000, 64), np.uint8)
    begun = time.process_time()

    found, _ = near_duplicates(
        ours, theirs, lambda i: ours[i].reshape(8, 8, 1), lambda i: theirs[i].reshape(8, 8, 1)
    )

    assert found == [] and time.process_time() - begun < 30


def test_the_digits_that_look_alike_are_not_near_duplicates(tmp_path: Path) -> None:
    data = load(DataRef(name="digits", image_size=16, validation=0.3), cache_dir=tmp_path)

    near = [note for note in data.notes if note.kind.startswith("near_")]
    assert sum(note.count for note in near) <= 5


def test_a_copy_in_another_split_of_a_folder_is_named(tmp_path: Path) -> None:
    ours, theirs = scenes(24, 0), scenes(8, 1)
    theirs[5] = saved_again(ours[3])
    for split, images in (("train", ours), ("val", theirs)):
        for i, image in enumerate(images):
            place = tmp_path / "images" / split / "ab"[i % 2]
            place.mkdir(parents=True, exist_ok=True)
            Image.fromarray(image).save(place / f"{i}.png")

    data = load(DataRef(name="folder:images"), data_dir=tmp_path, cache_dir=tmp_path / "cache")

    assert [str(note) for note in data.notes] == [
        "1 of the 8 validation images is nearly equal to train images: val/b/5.png ~ train/b/3.png."
    ]
