"""Folders as the articles have them: four big cats, five unequal classes, ImageNet's layout."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import scipy.io
from numpy.typing import NDArray
from PIL import Image
from torchvision import datasets

from autotrick.data import facts, load
from autotrick.recipe import DataRef

Picture = Callable[..., NDArray[np.uint8]]
FIVE = {"animal": 500, "architecture": 500, "people": 700, "plane": 500, "scenery": 700}
CATS = {"cat": 50, "leopard": 50, "lion": 50, "tiger": 50}


@pytest.mark.parametrize("counts", [FIVE, CATS], ids=["five", "cats"])
def test_counts_are_recorded_and_every_class_gives_its_share(
    counts: dict[str, int], tmp_path: Path, cache: Path, picture: Picture
) -> None:
    number = 0
    for name, count in counts.items():
        (tmp_path / "images" / name).mkdir(parents=True)
        for i in range(count):
            number += 1
            image = Image.fromarray(picture(number, 4, 4))
            image.save(tmp_path / "images" / name / f"{i}.png", compress_level=0)

    data = load(DataRef(name="folder:images", validation=0.2), data_dir=tmp_path, cache_dir=cache)

    found = facts.describe(data)
    assert found.classes == tuple(counts) and found.carved
    assert found.counts["validation"] == tuple(count // 5 for count in counts.values())
    both = zip(found.counts["train"], found.counts["validation"], strict=True)
    assert [train + held for train, held in both] == list(counts.values())
    assert facts.recorded(found.to_json()) == found
    pixels = data.train.images / 255
    np.testing.assert_allclose(found.mean, pixels.mean((0, 1, 2)), rtol=1e-5)
    np.testing.assert_allclose(found.std, pixels.std((0, 1, 2)), rtol=1e-5)
    before = {key: value for key, value in found.to_json().items() if key not in ("mean", "std")}
    known = facts.recorded(before)
    assert known is not None and (known.mean, known.counts) == ((), found.counts)


def test_the_layout_of_imagenet_is_read(tmp_path: Path, cache: Path, picture: Picture) -> None:
    for s, split in enumerate(("train", "val")):
        for c, name in enumerate(("n01440764", "n02102040")):
            folder = tmp_path / "imagenette2" / split / name
            folder.mkdir(parents=True)
            for i in range(3):
                image = Image.fromarray(picture(100 * s + 10 * c + i, 40 + i, 30))
                image.save(folder / f"ILSVRC2012_{split}_{i:08d}.JPEG")

    ref = DataRef(name="folder:imagenette2", image_size=16)
    data = load(ref, data_dir=tmp_path, cache_dir=cache)

    assert data.classes == ("n01440764", "n02102040")
    assert (len(data.train), len(data.validation), data.carved) == (6, 6, False)
    assert data.shape == (16, 16, 3)


def test_svhn_is_read_and_its_label_ten_is_zero(
    tmp_path: Path, cache: Path, picture: Picture, monkeypatch: pytest.MonkeyPatch
) -> None:
    # torchvision compares checksums of the published files.
    monkeypatch.setattr(datasets.SVHN, "_check_integrity", lambda *_: True)
    images = np.stack([picture(i, 32, 32) for i in range(40)])
    labels = np.arange(40) % 10 + 1
    for split in ("train", "test"):
        content = {"X": images.transpose(1, 2, 3, 0), "y": labels[:, None]}
        scipy.io.savemat(tmp_path / f"{split}_32x32.mat", content)

    data = load(DataRef(name="svhn", validation=0.5), data_dir=tmp_path, cache_dir=cache)

    assert data.test is not None and data.classes == tuple("0123456789")
    assert data.test.labels.tolist() == [label % 10 for label in labels]
    assert np.array_equal(data.test.images, images)
