"""What a data set of the user's own may return, and what is refused."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from torch.utils.data import Dataset

from autotrick.data import load, own
from autotrick.errors import CodeError, DataError
from autotrick.recipe import DataRef
from autotrick.testing import check_dataset

LABELS = np.arange(40) % 2
PIXELS = np.random.default_rng(0).integers(0, 256, (40, 8, 8, 3), dtype=np.uint8)


class Items(Dataset[Any]):
    """A Dataset of given items."""

    def __init__(self, items: list[Any] | None = None) -> None:
        self.items = items or [
            (Image.fromarray(image), int(label))
            for image, label in zip(PIXELS, LABELS, strict=True)
        ]

    def __len__(self) -> int:
        return len(self.items)

    def __getitem__(self, i: int) -> Any:
        return self.items[i]


def read(tmp_path: Path, made: Any, **options: Any) -> Any:
    own.register("python:test:made", made, "python:test:made")
    return load(DataRef(name="python:test:made", **options), cache_dir=tmp_path / "cache")


FORMS: dict[str, Callable[[], Any]] = {
    "arrays": lambda: (PIXELS, LABELS),
    "tensors": lambda: (torch.from_numpy(PIXELS), torch.from_numpy(LABELS)),
    "classes": lambda: (PIXELS, LABELS, ["0", "1"]),
    "splits": lambda: {"train": (PIXELS, LABELS), "classes": ["0", "1"]},
    "a dataset": Items,
    "arrays in a dataset": lambda: Items(list(zip(PIXELS, LABELS, strict=True))),
    "tensors in a dataset": lambda: Items(
        [
            (torch.from_numpy(i).permute(2, 0, 1), torch.tensor(n))
            for i, n in zip(PIXELS, LABELS, strict=True)
        ]
    ),
}


def test_all_forms_give_the_same_data(tmp_path: Path) -> None:
    found = {name: read(tmp_path, made).fingerprint for name, made in FORMS.items()}
    found["a dataset itself"] = read(tmp_path, Items()).fingerprint

    assert len(set(found.values())) == 1, found


def test_splits_and_grey_images(tmp_path: Path) -> None:
    grey = PIXELS[..., 0]
    made = {
        "train": (grey, LABELS),
        "validation": (grey[:8], LABELS[:8]),
        "test": Items(list(zip(grey[:6], LABELS[:6], strict=True))),
    }

    data = read(tmp_path, lambda: made)

    assert (len(data.train), len(data.validation), data.carved) == (40, 8, False)
    assert data.test is not None and len(data.test) == 6
    assert data.shape == (8, 8, 1)


def test_images_are_resized_and_the_function_gets_the_folder(tmp_path: Path) -> None:
    seen: list[Any] = []

    def made(data_dir: Path | None = None) -> Any:
        seen.append(data_dir)
        return PIXELS, LABELS

    own.register("python:test:made", made, "python:test:made")
    ref = DataRef(name="python:test:made", image_size=16)
    first = load(ref, data_dir=tmp_path, cache_dir=tmp_path / "cache")
    second = load(ref, data_dir=tmp_path, cache_dir=tmp_path / "cache")
    load(first.resolve(ref), cache_dir=tmp_path / "cache")

    assert first.shape == (16, 16, 3) and first.fingerprint == second.fingerprint
    # It is called for every study, and not for a recorded fingerprint that is in the cache.
    assert seen == [tmp_path, tmp_path]


BAD: list[tuple[Any, str]] = [
    (
        (PIXELS / 255, LABELS),
        r"images must be uint8, from 0 to 255, but are float64 between 0 and 1",
    ),
    (
        (PIXELS.transpose(0, 3, 1, 2), LABELS),
        r"\(40, 3, 8, 8\)\. Write images\.transpose\(0, 2, 3, 1\)",
    ),
    ((PIXELS[:, 0, 0], LABELS), r"must be of shape \(N, H, W, C\) with 1 or 3 channels"),
    ((PIXELS, LABELS[:-1]), r"there are 40 images but 39 labels"),
    (
        (PIXELS, LABELS / 2),
        r"labels must be class numbers from 0 on, of shape \(N,\), but are float64",
    ),
    ((PIXELS, LABELS - 1), r"labels must be in 0\.\.0|must be in"),
    ((PIXELS, LABELS, ["a", "a"]), r"class names must differ"),
    ({"trian": (PIXELS, LABELS)}, r"a dict has the keys train, .* but this one has 'trian'"),
    (
        None,
        r"a split is a pair of images and labels, or a torch Dataset with a length, but this is a NoneType",
    ),
    (Items([(PIXELS[0] / 255, 0)] * 4), r"train, item 0: the image has values of type float64"),
    (
        Items([(PIXELS[0], 0.5)] * 4),
        r"item 0: the label must be a class number from 0 on, but got 0\.5",
    ),
    (Items([PIXELS[0]] * 4), r"item 0: must be a pair of an image and a class number, not ndarray"),
    (Items([(PIXELS[0, 0, 0], 0)] * 4), r"item 0: the image has the shape \(3,\)"),
]


@pytest.mark.parametrize(
    ("made", "said"), BAD, ids=[re.sub(r"\W+", " ", said)[:30] for _, said in BAD]
)
def test_what_is_wrong_is_said_in_one_line(tmp_path: Path, made: Any, said: str) -> None:
    with pytest.raises(DataError, match=said) as found:
        read(tmp_path, lambda: made)

    assert "\n" not in str(found.value)


def test_an_error_of_the_function_has_file_and_line(tmp_path: Path) -> None:
    def made() -> Any:
        raise KeyError("no such column")

    with pytest.raises(DataError, match=r"test_data\.py, line \d+: KeyError: 'no such column'"):
        read(tmp_path, made)


def test_a_function_that_needs_arguments_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CodeError, match=r"its parameter 'root' has no default"):
        read(tmp_path, lambda root: root)


def test_the_check_sees_data_that_change() -> None:
    rng = np.random.default_rng()

    def changing() -> Any:
        return rng.integers(0, 256, (40, 8, 8), dtype=np.uint8), LABELS

    check_dataset(FORMS["a dataset"])
    with pytest.raises(AssertionError, match=r"gives other images, labels or splits each time"):
        check_dataset(changing)
