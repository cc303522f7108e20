"""Which folder is a split and which a class, in the layouts that people have."""

import os
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from autotrick.data import Dataset, load
from autotrick.data.split_names import NEUTRAL, SPLITS, UNLABELLED, split_of
from autotrick.errors import DataError
from autotrick.recipe import DataRef

Tree = Callable[..., Path]
IMAGES = DataRef(name="folder:images", validation=0.25)


@pytest.fixture
def read(tmp_path: Path, cache: Path) -> Callable[[], Dataset]:
    return lambda: load(IMAGES, data_dir=tmp_path, cache_dir=cache)


@pytest.fixture
def refusal(tmp_path: Path, cache: Path) -> Callable[[], str]:
    """Return a function that gives the message of the error, which must be one line."""

    def message() -> str:
        with pytest.raises(DataError) as caught:
            load(IMAGES, data_dir=tmp_path, cache_dir=cache)
        assert "\n" not in str(caught.value)
        return str(caught.value)

    return message


def notes(data: Dataset) -> dict[str, str]:
    return {note.kind: str(note) for note in data.notes}


@pytest.mark.parametrize(
    ("name", "split", "rest"),
    [
        *((word, split, ()) for split, words in SPLITS.items() for word in words),
        *((word.upper(), split, ()) for split, words in SPLITS.items() for word in words),
        ("Train Images", "train", ()),
        ("training_set", "train", ()),
        ("TrainImages", "train", ()),
        ("train2017", "train", ()),
        ("01-train", "train", ()),
        ("hold-out", "test", ()),
        ("seg_train", "train", ("seg",)),
        ("asl_alphabet_test", "test", ("asl", "alphabet")),
    ],
)
def test_names_of_splits(name: str, split: str, rest: tuple[str, ...]) -> None:
    named = split_of(name)

    assert named is not None and (named.split, named.rest) == (split, rest)


@pytest.mark.parametrize(
    "name",
    ["trains", "constraint", "invalid", "latest", "device", "value", "train_val_test", "", "2"],
)
def test_names_of_no_split(name: str) -> None:
    assert split_of(name) is None


def test_no_word_has_two_meanings() -> None:
    words = [word for known in (*SPLITS.values(), NEUTRAL, UNLABELLED) for word in known]

    assert len(words) == len(set(words))


@pytest.mark.parametrize(
    ("train", "validation", "test"),
    [
        ("Training", "", "Testing"),
        ("TRAIN", "VAL", "TEST"),
        ("train", "dev", "eval"),
        ("Train", "Validation", "holdout"),
        ("trn", "valid", "tst"),
        ("training_set", "validation_set", "test_set"),
        ("train_images", "val_images", "test_images"),
        ("seg_train/seg_train", "", "seg_test/seg_test"),
        ("train2017", "val2017", "test2017"),
        ("images/train", "images/val", "images/test"),
        ("archive/Data/TRAIN", "", "archive/Data/TEST"),
        ("flowers/train", "flowers/valid", "flowers/test"),
        ("train/train", "val/val", "test/test"),
        ("train/images", "valid/images", "test/images"),
    ],
)
def test_splits_are_found_under_the_names_that_people_use(
    train: str, validation: str, test: str, tree: Tree, read: Callable[[], Dataset]
) -> None:
    splits = [split for split in (train, validation, test) if split]
    tree(*(f"{split}/{label}" for split in splits for label in ("cat", "dog")))

    data = read()

    assert data.classes == ("cat", "dog") and data.carved == (not validation)
    assert data.test is not None and len(data.test) == 8
    assert len(data.train) + len(data.validation) == (16 if validation else 8)


def test_how_the_folders_were_understood_is_said_where_the_names_are_unusual(
    tree: Tree, read: Callable[[], Dataset]
) -> None:
    tree("Training/a", "Training/b", "eval/a", "eval/b")

    assert notes(read())["split_names"] == "Training is the train split, eval is the test split."


def test_usual_names_need_no_note(tree: Tree, read: Callable[[], Dataset]) -> None:
    tree("train/a", "train/b", "val/a", "val/b", "test/a", "test/b")

    assert read().notes == ()


def test_wrapped_class_folders_are_found(tree: Tree, read: Callable[[], Dataset]) -> None:
    tree("dataset/images/cat", "dataset/images/dog")

    assert read().classes == ("cat", "dog")


@pytest.mark.parametrize(
    ("folders", "classes"),
    [
        (("train_station", "bus_station"), ("bus_station", "train_station")),
        (("steam_train", "bullet_train"), ("bullet_train", "steam_train")),
        (("test_tube", "beaker"), ("beaker", "test_tube")),
        (("train/car", "train/train", "train/test"), ("car", "test", "train")),
    ],
)
def test_classes_may_be_called_like_splits_where_they_cannot_be_some(
    folders: tuple[str, ...],
    classes: tuple[str, ...],
    tree: Tree,
    read: Callable[[], Dataset],
) -> None:
    tree(*folders)

    assert read().classes == classes


@pytest.mark.parametrize(
    ("folders", "message"),
    [
        (("train", "test"), r"images/train has 4 images, such as 0\.png, but no folders"),
        (("Train", "Val"), r"images/Train has 4 images"),
        (("train_images", "test_images"), r"images/train_images has 4 images"),
        (("seg_train", "seg_test"), r"seg_train has 4 images"),
        (("train/images", "test/images"), r"train/images has 4 images"),
        (
            ("train/a", "train/b", "val"),
            r"images/val has 4 images.* the validation split has no la",
        ),
        (
            ("train/a", "train/b", "val/a", "valid/a"),
            "several folders for the validation split: val ",
        ),
        (
            ("train/a", "train/b", "dev/a", "Val/b"),
            "several folders for the validation split: Val ",
        ),
        (("train/a", "Training/a"), "several folders for the train split: Training and train"),
        (
            ("train/a", "train/b", "test/a", "holdout/a"),
            "several folders for the test split: holdout",
        ),
        (
            ("train1/a", "train1/b", "train2/a"),
            "several folders for the train split: train1 and tra",
        ),
        (("test", "cat", "dog"), r"has test, as splits are called, beside cat and dog\."),
        (("train", "bus", "car"), r"has train, as splits are called, beside bus and car\."),
        (("valid", "invalid"), r"has valid, as splits are called, beside invalid\."),
        (("train/a", "train/b", "a", "b"), r"has train, as splits are called, beside a and b\."),
        (("train/a", "train/b", "masks/x"), "has train, as splits are called, beside masks"),
        (("val/a", "val/b", "test/a"), r"has val and test, .* but no folder for the train split"),
        (("test/a", "test/b"), r"has test, .* but no folder for the train split"),
        (("dev", "holdout"), r"has dev and holdout, .* but no folder for the train split"),
        (
            ("train_cat", "train_dog", "test_cat"),
            "it is not clear whether they are splits or class",
        ),
        (
            ("cat/train", "cat/test", "dog/train"),
            r"images/cat is a class folder with .*: test and t",
        ),
        (("train/cat/val", "train/dog"), r"train/cat is a class folder with .*: val\."),
        (
            ("train/Cat", "train/dog", "val/cat"),
            r"val has the classes cat, but .* Cat and dog: cat i",
        ),
        (
            ("train/a", "train/b", "val/a", "val/c"),
            r"has the classes a and c, but .* a and b: c is n",
        ),
        (("train/a", "train/b", "test/x", "test/y"), r"x and y, but .*: x and y are not there"),
    ],
)
def test_what_is_ambiguous_is_refused_by_name(
    folders: tuple[str, ...], message: str, tree: Tree, refusal: Callable[[], str]
) -> None:
    tree(*folders)

    assert re.search(message, refusal())


def test_the_folders_of_a_study_are_never_its_classes(
    tree: Tree, refusal: Callable[[], str]
) -> None:
    tree("train/1", "test/1")  # single classes: the wrappers are not opened for them

    assert "needs 2 classes" in refusal()


def test_empty_validation_folder_is_refused(tree: Tree, refusal: Callable[[], str]) -> None:
    (tree("train/a", "train/b") / "val").mkdir()

    assert "images/val, the validation split, has no images" in refusal()


def test_empty_folder_gives_way_to_a_full_one_of_the_same_split(
    tree: Tree, read: Callable[[], Dataset]
) -> None:
    (tree("train/a", "train/b", "valid/a", "valid/b") / "val").mkdir()

    data = read()

    assert not data.carved and "val" in notes(data)["no_images"]


@pytest.mark.parametrize("test", ["test", "test/test", "test/images", "Testing", "test/unknown"])
def test_unlabelled_test_split_is_left_out_and_said(
    test: str, tree: Tree, read: Callable[[], Dataset]
) -> None:
    tree("train/a", "train/b", test, each=5)

    data = read()

    assert data.test is None and len(data.train) + len(data.validation) == 10
    assert "the 5 images in" in notes(data)["unlabelled_test"]


def test_images_to_predict_are_left_out_and_said(tree: Tree, read: Callable[[], Dataset]) -> None:
    tree("seg_train/a", "seg_train/b", "seg_test/a", "seg_pred/seg_pred")

    data = read()

    assert data.test is not None and len(data.test) == 4
    assert notes(data)["unlabelled"] == "4 images in seg_pred without labels were left out."


def test_classes_that_a_split_lacks_are_said(tree: Tree, read: Callable[[], Dataset]) -> None:
    root = tree("train/a", "train/b", "train/c", "val/b", "test/c", "test/a")
    (root / "val" / "c").mkdir()

    data = read()

    assert data.validation.labels.tolist() == [1] * 4
    found = [str(note) for note in data.notes]
    assert found == [
        "val has no images of 2 of the 3 classes: a, c.",
        "test has no images of 1 of the 3 classes: b.",
    ]


def test_names_are_compared_by_their_letters_not_their_encoding(
    tree: Tree, read: Callable[[], Dataset]
) -> None:
    tree("train/cafe\u0301", "train/tea", "val/caf\u00e9", "val/tea")

    data = read()

    assert data.classes == ("cafe\u0301", "tea")
    assert data.validation.labels.tolist() == [0] * 4 + [1] * 4


def test_two_encodings_of_one_name_are_refused(tree: Tree, refusal: Callable[[], str]) -> None:
    tree("cafe\u0301", "caf\u00e9", "tea")

    assert "differ only in how their letters are encoded" in refusal()


def test_class_name_of_other_bytes_is_read(tree: Tree, read: Callable[[], Dataset]) -> None:
    root = tree("a", "b")
    (root / "b").rename(root / os.fsdecode(b"caf\xe9"))

    assert read().classes == ("a", "caf\\xe9")


def test_images_outside_the_classes_are_said(tree: Tree, read: Callable[[], Dataset]) -> None:
    tree("", "a", "b", each=2)

    data = read()

    assert data.classes == ("a", "b")
    assert (
        notes(data)["unclassed"]
        == "2 images are in no class folder and were left out: 0.png, 1.png."
    )


def test_folders_without_images_are_said(tree: Tree, read: Callable[[], Dataset]) -> None:
    root = tree("a", "b")
    (root / "labels").mkdir()
    (root / "labels" / "a.txt").write_text("0 0 0 1 1")

    data = read()

    assert data.classes == ("a", "b")
    assert notes(data)["no_images"] == "1 folder has no images and was left out: labels."


def test_class_of_unreadable_pictures_is_refused(tree: Tree, refusal: Callable[[], str]) -> None:
    root = tree("a", "b")
    (root / "c").mkdir()
    (root / "c" / "1.heic").write_bytes(b"ftypheic")

    assert re.search(r"images/c has no images that can be read: 1 file of other formats", refusal())


@pytest.mark.parametrize(
    ("folders", "listed"),
    [
        (("fold1/a", "fold1/b", "fold2/a", "fold2/b"), "fold1 and fold2 are read as classes"),
        (("lernen/a", "lernen/b", "pruefen/a", "pruefen/b"), "lernen and pruefen are read as"),
        (("cat/left", "cat/right", "dog/left", "dog/right"), "cat and dog are read as classes"),
    ],
)
def test_folders_that_may_be_splits_are_said(
    folders: tuple[str, ...], listed: str, tree: Tree, read: Callable[[], Dataset]
) -> None:
    tree(*folders)

    assert listed in notes(read())["same_folders"]


@pytest.mark.parametrize("folders", [("cat/left", "dog/left"), ("cat/left", "cat/right", "dog/up")])
def test_folders_below_classes_need_no_note(
    folders: tuple[str, ...], tree: Tree, read: Callable[[], Dataset]
) -> None:
    tree(*folders)

    assert read().notes == ()


def test_classes_that_differ_in_case_are_said(tree: Tree, read: Callable[[], Dataset]) -> None:
    tree("Cat", "cat", "dog", "DOG", "bird")

    assert len(read().classes) == 5
    assert notes(read())["case"] == (
        "class names that differ only in case are read as different classes: Cat and cat, DOG and dog."
    )


@pytest.mark.parametrize(("folders", "more"), [(("",), ()), (("images",), ("annotations",))])
def test_images_without_class_folders_are_refused(
    folders: tuple[str, ...], more: tuple[str, ...], tree: Tree, refusal: Callable[[], str]
) -> None:
    root = tree(*folders)
    for name in more:
        (root / name).mkdir()

    assert "has 4 images but no folders" in refusal()
