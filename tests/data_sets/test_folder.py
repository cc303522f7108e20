from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from autotrick.data import load
from autotrick.errors import DataError
from autotrick.recipe import DataRef

Tree = Callable[..., Path]
Picture = Callable[..., NDArray[np.uint8]]
IMAGES = DataRef(name="folder:images", validation=0.25)


def test_folders_are_classes(tree: Tree, tmp_path: Path, cache: Path) -> None:
    tree("cat", "dog")

    data = load(IMAGES, data_dir=tmp_path, cache_dir=cache)

    assert data.classes == ("cat", "dog")
    assert (len(data.train), len(data.validation), data.test) == (6, 2, None)
    assert data.shape == (6, 6, 3)


def test_folders_above_are_splits(tree: Tree, tmp_path: Path, cache: Path) -> None:
    tree("train/cat", "train/dog", "val/cat", "val/dog", "test/dog")

    data = load(IMAGES, data_dir=tmp_path, cache_dir=cache)

    assert (len(data.train), len(data.validation)) == (8, 8)
    assert data.test is not None and data.test.labels.tolist() == [1] * 4
    assert data.resolve(IMAGES).validation is None


def test_pixels_keep_the_order_of_their_labels(tree: Tree, tmp_path: Path, cache: Path) -> None:
    root = tree("train/cat", "train/dog", "val/cat", "val/dog")

    data = load(IMAGES, data_dir=tmp_path, cache_dir=cache)

    files = sorted(root.glob("train/*/*.png"))
    expected = np.stack([np.asarray(Image.open(file)) for file in files])
    np.testing.assert_array_equal(data.train.images, expected)
    assert data.train.labels.tolist() == [0] * 4 + [1] * 4


def test_grey_images_keep_one_channel(tree: Tree, tmp_path: Path, cache: Path) -> None:
    tree("a", "b", channels=1)

    assert load(IMAGES, data_dir=tmp_path, cache_dir=cache).shape == (6, 6, 1)


def test_one_coloured_image_makes_all_coloured(
    tree: Tree, picture: Picture, tmp_path: Path, cache: Path
) -> None:
    root = tree("a", "b", channels=1)
    Image.fromarray(picture(1)).save(root / "a" / "0.png")

    assert load(IMAGES, data_dir=tmp_path, cache_dir=cache).shape == (6, 6, 3)


def test_sizes_that_differ_need_image_size(
    tree: Tree, picture: Picture, tmp_path: Path, cache: Path
) -> None:
    root = tree("a", "b")
    Image.fromarray(picture(1, 9, 5)).save(root / "a" / "0.png")

    with pytest.raises(DataError, match=r"2 different sizes, such as 6x6 and 5x9 .* image_size"):
        load(IMAGES, data_dir=tmp_path, cache_dir=cache)
    resized = load(IMAGES.model_copy(update={"image_size": 12}), data_dir=tmp_path, cache_dir=cache)

    assert resized.shape == (12, 12, 3)


def test_resizing_is_pillows_bilinear(tree: Tree, tmp_path: Path, cache: Path) -> None:
    root = tree("train/a", "train/b", "val/a", "val/b", height=30, width=20)
    ref = IMAGES.model_copy(update={"image_size": 8})

    data = load(ref, data_dir=tmp_path, cache_dir=cache)

    with Image.open(root / "train/a/0.png") as image:
        expected = np.asarray(image.resize((8, 8), Image.Resampling.BILINEAR))
    np.testing.assert_array_equal(data.train.images[0], expected)


@pytest.mark.parametrize(("height", "width"), [(24, 8), (8, 24)])
def test_elongated_images_are_squashed_cropped_or_padded(
    tree: Tree, tmp_path: Path, cache: Path, height: int, width: int
) -> None:
    root = tree("train/a", "train/b", "val/a", "val/b", height=height, width=width)
    refs = {
        resize: DataRef(name=IMAGES.name, image_size=8, resize=resize)
        for resize in ("squash", "crop", "pad")
    }

    made = {
        resize: load(ref, data_dir=tmp_path, cache_dir=cache).train.images[0]
        for resize, ref in refs.items()
    }

    whole = np.asarray(Image.open(root / "train/a/0.png"))
    tall = height > width
    middle = whole[8:16] if tall else whole[:, 8:16]
    np.testing.assert_array_equal(made["crop"], middle)
    bands = made["pad"] if tall else made["pad"].transpose(1, 0, 2)
    assert (bands[:, :2] == 0).all() and (bands[:, 6:] == 0).all() and bands[:, 3:5].any()
    assert (made["squash"] != made["crop"]).any()
    thirds = whole.reshape(8, 3, 8, 3) if tall else whole.reshape(8, 8, 3, 3)
    assert abs(made["squash"].mean() - thirds.mean()) < 4


def test_a_recipe_that_squashes_has_the_digest_that_it_always_had() -> None:
    plain = DataRef(name="digits")

    assert "resize" not in plain.model_dump(mode="json")
    cropped = DataRef.model_validate(plain.model_dump() | {"resize": "crop"})
    assert cropped.model_dump(mode="json")["resize"] == "crop"
    assert DataRef.model_validate(plain.model_dump()) == plain != cropped


def test_corrupt_image_is_named(tree: Tree, tmp_path: Path, cache: Path) -> None:
    root = tree("a", "b", height=40, width=40)
    bad = root / "b" / "2.png"
    bad.write_bytes(bad.read_bytes()[:-1000])

    with pytest.raises(DataError, match=r"images/b/2\.png cannot be read as an image: "):
        load(IMAGES, data_dir=tmp_path, cache_dir=cache)
    assert not [path for path in cache.iterdir() if path.name != "sources"]


def test_text_called_png_is_named(tree: Tree, tmp_path: Path, cache: Path) -> None:
    (tree("a", "b") / "a" / "1.png").write_text("hello")

    with pytest.raises(DataError, match=r"images/a/1\.png .*: not a known image format"):
        load(IMAGES, data_dir=tmp_path, cache_dir=cache)


def test_sixteen_bits_are_refused(tree: Tree, tmp_path: Path, cache: Path) -> None:
    root = tree("a", "b", channels=1)
    Image.fromarray(np.full((6, 6), 4000, np.uint16)).save(root / "a" / "0.png")

    with pytest.raises(DataError, match=r"a/0\.png has pixels of kind 'I;16'.* 8 bits"):
        load(IMAGES, data_dir=tmp_path, cache_dir=cache)


def test_missing_folder_is_an_error(tmp_path: Path, cache: Path) -> None:
    with pytest.raises(DataError, match=r"there is no folder .*images"):
        load(IMAGES, data_dir=tmp_path, cache_dir=cache)


def test_folder_without_classes_is_an_error(tmp_path: Path, cache: Path) -> None:
    (tmp_path / "images").mkdir()

    with pytest.raises(DataError, match=r"has no folders\. Put the images of each class"):
        load(IMAGES, data_dir=tmp_path, cache_dir=cache)


def test_empty_class_is_an_error(tree: Tree, tmp_path: Path, cache: Path) -> None:
    (tree("a", "b") / "c").mkdir()

    with pytest.raises(DataError, match="images/c has no images"):
        load(IMAGES, data_dir=tmp_path, cache_dir=cache)


def test_one_class_is_not_enough(tree: Tree, tmp_path: Path, cache: Path) -> None:
    tree("a")

    with pytest.raises(DataError, match="needs 2 classes to train on, but folder:images has 1"):
        load(IMAGES, data_dir=tmp_path, cache_dir=cache)


def test_class_that_train_has_not_is_an_error(tree: Tree, tmp_path: Path, cache: Path) -> None:
    tree("train/a", "train/b", "test/c")

    with pytest.raises(
        DataError, match=r"test has the classes c, but the train split has a and b: c is not there"
    ):
        load(IMAGES, data_dir=tmp_path, cache_dir=cache)


def test_class_names_are_part_of_the_fingerprint(tree: Tree, tmp_path: Path, cache: Path) -> None:
    root = tree("cat", "dog")
    before = load(IMAGES, data_dir=tmp_path, cache_dir=cache)
    (root / "dog").rename(root / "wolf")

    after = load(IMAGES, data_dir=tmp_path, cache_dir=cache)

    np.testing.assert_array_equal(before.train.images, after.train.images)
    assert before.fingerprint != after.fingerprint


def test_labels_are_part_of_the_fingerprint(tree: Tree, tmp_path: Path, cache: Path) -> None:
    root = tree("train/a", "train/b", "val/a", "val/b")
    before = load(IMAGES, data_dir=tmp_path, cache_dir=cache)
    (root / "val/a/3.png").rename(root / "val/b/-.png")

    after = load(IMAGES, data_dir=tmp_path, cache_dir=cache)

    np.testing.assert_array_equal(before.validation.images, after.validation.images)
    assert before.fingerprint != after.fingerprint
