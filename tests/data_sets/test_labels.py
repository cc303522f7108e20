import json
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from autotrick.data import Dataset, load
from autotrick.errors import DataError
from autotrick.recipe import DataRef
from tests.data_sets.conftest import png

Table = Callable[..., Path]
THING = DataRef(name="parquet:thing", validation=0.25)


def features(*names: str, column: str = "label") -> dict[str, str]:
    """Return metadata as Hugging Face writes it."""
    described = {"info": {"features": {column: {"names": list(names), "_type": "ClassLabel"}}}}
    return {"huggingface": json.dumps(described)}


def grey(value: int) -> dict[str, bytes]:
    return {"bytes": png(np.full((6, 6, 3), value, np.uint8))}


@pytest.fixture
def opened(tmp_path: Path, cache: Path) -> Callable[..., Dataset]:
    return lambda ref=THING: load(ref, data_dir=tmp_path, cache_dir=cache)


def kinds(data: Dataset) -> dict[str, int]:
    return {note.kind: note.count for note in data.notes if "copies" not in note.kind}


def dark(data: Dataset, split: str) -> set[str]:
    part = getattr(data, split)
    return {
        data.classes[label]
        for image, label in zip(part.images, part.labels, strict=True)
        if image.mean() < 100
    }


@pytest.mark.parametrize("other", ["validation", "test"])
def test_names_in_another_order_are_matched(
    other: str, table: Table, opened: Callable[..., Dataset]
) -> None:
    for split, first in (("train", 10), (other, 240)):
        names = ("cat", "dog") if split == "train" else ("dog", "cat")
        images = [grey(first if i % 2 == 0 else 250 - first) for i in range(8)]
        table(f"thing_{split}", metadata=features(*names), image=images)

    data = opened()

    assert data.classes == ("cat", "dog")
    assert dark(data, "train") == dark(data, other) == {"cat"}
    assert kinds(data)["matched_labels"] == 1


def test_names_in_another_order_in_another_shard_are_matched(
    table: Table, tmp_path: Path, opened: Callable[..., Dataset]
) -> None:
    (tmp_path / "thing").mkdir()
    images = [grey(10), grey(240)] * 4
    table("thing/train-00000-of-00002", metadata=features("cat", "dog"), image=images)
    table(
        "thing/train-00001-of-00002",
        metadata=features("dog", "cat"),
        image=images,
        label=[1, 0] * 4,
    )

    data = opened()

    assert dark(data, "train") == dark(data, "validation") == {"cat"}


def test_names_of_one_shard_are_added(
    table: Table, tmp_path: Path, opened: Callable[..., Dataset]
) -> None:
    (tmp_path / "thing").mkdir()
    table("thing/train-00000-of-00002", metadata=features("cat", "dog"))
    table("thing/train-00001-of-00002", metadata=features("emu", "dog"))

    data = opened()

    assert data.classes == ("cat", "dog", "emu")
    assert np.bincount([*data.train.labels, *data.validation.labels]).tolist() == [4, 8, 4]


def test_fewer_names_in_another_split_are_matched(
    table: Table, opened: Callable[..., Dataset]
) -> None:
    table("thing_train", metadata=features("cat", "dog", "emu"), rows=9, label=[0, 1, 2] * 3)
    table("thing_test", metadata=features("emu"), label=[0] * 8)

    data = opened()

    assert data.test is not None and data.test.labels.tolist() == [2] * 8


def test_names_that_training_images_do_not_have_are_refused_with_both_lists(
    table: Table, opened: Callable[..., Dataset]
) -> None:
    table("thing_train", metadata=features("cat", "dog"))
    table("thing_test", metadata=features("cat", "emu"))

    with pytest.raises(DataError, match=r"thing_test\.parquet has images of 'emu'.*'cat', 'dog'"):
        opened()


def test_file_without_names_takes_those_of_the_others(
    table: Table, opened: Callable[..., Dataset]
) -> None:
    table("thing_train", metadata=features("cat", "dog"))
    table("thing_test")

    data = opened()

    assert data.classes == ("cat", "dog")
    assert kinds(data) == {"unnamed_classes": 1}


def test_file_without_names_beside_two_orders_is_refused(
    table: Table, tmp_path: Path, opened: Callable[..., Dataset]
) -> None:
    table("thing_train", metadata=features("cat", "dog"))
    table("thing_validation", metadata=features("dog", "cat"))
    table("thing_test")

    with pytest.raises(DataError, match=r"thing_test\.parquet does not name its classes.*'dog', '"):
        opened()


def test_texts_are_matched_to_names(table: Table, opened: Callable[..., Dataset]) -> None:
    table("thing_train", metadata=features("dog", "cat"))
    table("thing_test", label=["cat", "dog"] * 4)

    data = opened()

    assert data.classes == ("dog", "cat")
    assert data.test is not None and data.test.labels.tolist() == [1, 0] * 4


TEXTS = ["owl", "hen"] * 4
NUMBERS = [3, 7] * 4


@pytest.mark.parametrize(
    ("labels", "classes"),
    [
        (pa.array(TEXTS), ("hen", "owl")),
        (pa.array(TEXTS, pa.large_string()), ("hen", "owl")),
        (pa.array(TEXTS).dictionary_encode(), ("hen", "owl")),
        (pa.array([text.encode() for text in TEXTS]), ("hen", "owl")),
        (pa.array(["10", "9"] * 4), ("10", "9")),
        (pa.array(NUMBERS, pa.uint8()), ("3", "7")),
        (pa.array(NUMBERS, pa.uint64()), ("3", "7")),
        (pa.array(NUMBERS, pa.int16()).dictionary_encode(), ("3", "7")),
        (pa.array(NUMBERS, pa.float32()), ("3", "7")),
        (pa.array([Decimal(n) for n in NUMBERS]), ("3", "7")),
        (pa.array([True, False] * 4), ("False", "True")),
        (pa.array([1, 2] * 4), ("1", "2")),
        (pa.array([10, 9] * 4), ("9", "10")),
        (pa.array([-5, 3] * 4), ("-5", "3")),
        (pa.array([0, 1] * 4), ("0", "1")),
    ],
)
def test_labels_of_many_types_are_read(
    labels: pa.Array, classes: tuple[str, ...], table: Table, opened: Callable[..., Dataset]
) -> None:
    table("thing_train", label=labels)
    table("thing_test", label=labels)

    data = opened()

    assert data.classes == classes
    assert data.test is not None
    if labels.type != pa.binary():
        named = [data.classes[label] for label in data.test.labels]
        assert named == [str(value).removesuffix(".0") for value in labels.to_pylist()]


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        (pa.array([[0], [1, 2]] * 4), r"one label here: data with several labels"),
        (pa.array([[0, 1]] * 8, pa.list_(pa.int64(), 2)), r"one label here"),
        (pa.array([{"a": 1}] * 8), r"one label here"),
        (pa.array([0.5, 1] * 4), r"whole numbers or texts, but row 0 has 0\.5"),
        (pa.array([float("inf"), 1] * 4), r"but row 0 has inf"),
        (pa.array([2**63, 1] * 4, pa.uint64()), r"numbers of 2\^63 and more"),
        (pa.array([b"\xff", b"a"] * 4), r"bytes that are not UTF-8"),
        (pa.array([0, 1] * 4, pa.timestamp("s")), r"but holds timestamp"),
        (pa.array(["a", ""] * 4), r"row 1 has no label"),
        (pa.array([0, 1, float("nan"), 1] * 2), r"row 2 has no label"),
        (pa.array([None] * 8), r"thing_train\.parquet: row 0 has no label"),
        (pa.array([-1, 1] * 4), r"row 0 has no label"),
    ],
)
def test_labels_that_cannot_be_read_are_refused(
    labels: pa.Array, message: str, table: Table, opened: Callable[..., Dataset]
) -> None:
    table("thing_train", label=labels)

    with pytest.raises(DataError, match=message):
        opened()


def test_labels_without_names_beyond_the_training_ones_are_refused(
    table: Table, opened: Callable[..., Dataset]
) -> None:
    table("thing_train", label=[1, 2] * 4)
    table("thing_test", label=[0, 1] * 4)

    with pytest.raises(
        DataError, match=r"the test split has the labels 0, which no .* there: 1, 2"
    ):
        opened()


def test_texts_beyond_the_training_ones_are_refused(
    table: Table, opened: Callable[..., Dataset]
) -> None:
    table("thing_train", label=TEXTS)
    table("thing_validation", label=["emu"] * 8)

    with pytest.raises(DataError, match=r"validation split has the labels 'emu'"):
        opened()


def test_texts_in_one_file_and_numbers_in_another_are_refused(
    table: Table, opened: Callable[..., Dataset]
) -> None:
    table("thing_train", label=TEXTS)
    table("thing_test")

    with pytest.raises(DataError, match=r"labels of string, but .*thing_test\.parquet of int64"):
        opened()


@pytest.mark.parametrize("labels", [[-1] * 8, pa.array([None] * 8, pa.int64()), [""] * 8, None])
def test_test_split_without_labels_is_left_out(
    labels: Any, table: Table, opened: Callable[..., Dataset]
) -> None:
    table("thing_train", label=TEXTS if labels == [""] * 8 else [0, 1] * 4)
    table("thing_test", label=labels)

    data = opened()

    assert data.test is None
    assert kinds(data) == {"unlabelled_test": 8}
    assert opened().notes == data.notes


def test_test_split_with_some_labels_is_refused(
    table: Table, opened: Callable[..., Dataset]
) -> None:
    table("thing_train")
    table("thing_test", label=[0] * 7 + [-1])

    with pytest.raises(DataError, match=r"thing_test\.parquet: row 7 has no label"):
        opened()


def test_validation_split_without_labels_is_refused(
    table: Table, opened: Callable[..., Dataset]
) -> None:
    table("thing_train")
    table("thing_validation", label=[-1] * 8)

    with pytest.raises(DataError, match=r"thing_validation\.parquet: row 0 has no label"):
        opened()


def test_label_beyond_the_names_is_refused(table: Table, opened: Callable[..., Dataset]) -> None:
    table("thing_train", metadata=features("cat", "dog"), label=[0, 1, 2, 1] * 2)

    with pytest.raises(DataError, match=r"must be in 0\.\.1, for its 2 class names, but row 2 has"):
        opened()


def test_class_without_training_images_is_said(
    table: Table, opened: Callable[..., Dataset]
) -> None:
    table("thing_train", metadata=features("cat", "dog", "emu"))

    data = opened()

    assert data.classes == ("cat", "dog", "emu")
    assert kinds(data) == {"untrained_class": 1}


def test_other_columns_of_labels_are_said(table: Table, opened: Callable[..., Dataset]) -> None:
    table("thing_train", coarse_label=[0] * 8, fine_label=[1, 0] * 4, label=None)

    data = opened()

    assert [str(note) for note in data.notes if note.kind == "other_labels"] == [
        "labels are those of the column 'fine_label'; 1 other column that may hold labels is not "
        "read: 'coarse_label'."
    ]


def test_column_that_is_described_as_a_class_label_is_found(
    table: Table, opened: Callable[..., Dataset]
) -> None:
    table(
        "thing_train",
        label=None,
        species=[0, 1] * 4,
        metadata=features("cat", "dog", column="species"),
    )

    assert opened().classes == ("cat", "dog")


def test_files_with_labels_in_different_columns_are_refused(
    table: Table, opened: Callable[..., Dataset]
) -> None:
    table("thing_train", label=None, coarse_label=[0, 1] * 4)
    table("thing_test", label=None, fine_label=[0, 1] * 4)

    with pytest.raises(DataError, match=r"in the column 'coarse_label', but .* in 'fine_label'"):
        opened()


@pytest.mark.parametrize(
    "metadata",
    [
        b"{",
        b"[]",
        b"\xff",
        b"[" * 100_000,
        b'{"info": {"features": {"label": 3}}}',
        b'{"info": {"features": {"label": {"names": 3}}}}',
        b'{"info": {"features": {"label": {"names": "cat"}}}}',
        b'{"info": {"features": {"label": {"names": {}}}}}',
        b'{"info": {"features": ["label"]}}',
    ],
)
def test_damaged_description_names_nothing(
    metadata: bytes, table: Table, opened: Callable[..., Dataset]
) -> None:
    table("thing_train", metadata={"huggingface": metadata})

    assert opened().classes == ("0", "1")


def test_names_by_number_are_read_in_order(table: Table, opened: Callable[..., Dataset]) -> None:
    names = {"info": {"features": {"label": {"names": {"1": "dog", "0": "cat"}}}}}
    table("thing_train", metadata={"huggingface": json.dumps(names)})

    assert opened().classes == ("cat", "dog")


@pytest.mark.parametrize(
    ("test_names", "recorded", "said"),
    [
        # Fingerprints by autotrick at commit 8ccfb22, before labels were matched.
        ((), "d20abd8f8df25cd6", "the 2 classes are the numbers that occur as labels, not 0 to 1"),
        (
            ("b", "a"),
            "3caf6020a83654b3",
            "1 file lists the class names otherwise than the first: labels are ",
        ),
    ],
)
def test_study_with_labels_by_number_is_told_why_it_does_not_go_on(
    test_names: tuple[str, ...],
    recorded: str,
    said: str,
    table: Table,
    opened: Callable[..., Dataset],
) -> None:
    if test_names:
        table("thing_train", metadata=features("a", "b"))
        table("thing_test", metadata=features(*test_names))
    else:
        table("thing_train", label=[1, 2] * 4)

    with pytest.raises(DataError, match=f"the files are the same, but .* Since then: {said}"):
        opened(THING.model_copy(update={"fingerprint": recorded}))
    with pytest.raises(DataError, match=f"the files differ, or how they are read.*: {said}"):
        opened(THING.model_copy(update={"fingerprint": "0123456789abcdef"}))


def test_labels_that_earlier_versions_refused_are_no_reason(
    table: Table, opened: Callable[..., Dataset]
) -> None:
    table("thing_train", label=TEXTS)

    with pytest.raises(DataError, match="recorded: pixels, labels, class names or split differ"):
        opened(THING.model_copy(update={"fingerprint": "0123456789abcdef"}))
