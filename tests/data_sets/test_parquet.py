import json
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import numpy as np
import pyarrow.parquet as parquet
import pytest
from numpy.typing import NDArray
from PIL import Image

from autotrick.data import load
from autotrick.errors import DataError
from autotrick.recipe import DataRef

Table = Callable[..., Path]
THING = DataRef(name="parquet:thing", validation=0.25)


def test_pixels_are_what_pillow_decodes(sample: Path, cache: Path) -> None:
    rows = parquet.read_table(sample / "cifar10_test.parquet").to_pylist()

    data = load(DataRef(name="cifar10"), data_dir=sample, cache_dir=cache)

    assert data.test is not None and data.shape == (32, 32, 3)
    assert data.test.labels.tolist() == [row["label"] for row in rows]
    expected = np.asarray(Image.open(BytesIO(rows[7]["img"]["bytes"])))
    np.testing.assert_array_equal(data.test.images[7], expected)


def test_cifar10_has_its_class_names(sample: Path, cache: Path) -> None:
    data = load(DataRef(name="cifar10"), data_dir=sample, cache_dir=cache)

    assert data.classes[:4] == ("airplane", "automobile", "bird", "cat")


def test_file_of_one_split_is_carved(table: Table, tmp_path: Path, cache: Path) -> None:
    table("thing")
    ref = DataRef(name="parquet:thing.parquet", validation=0.25)

    data = load(ref, data_dir=tmp_path, cache_dir=cache)

    assert (len(data.train), len(data.validation), data.test) == (6, 2, None)
    assert data.classes == ("0", "1")


@pytest.mark.parametrize("spelling", ["validation", "val", "valid"])
def test_own_validation_split_wins(
    spelling: str, table: Table, tmp_path: Path, cache: Path
) -> None:
    table("thing_train")
    table(f"thing_{spelling}", rows=4)

    data = load(THING, data_dir=tmp_path, cache_dir=cache)

    assert (len(data.train), len(data.validation)) == (8, 4)
    assert data.resolve(THING).validation is None


def test_shards_of_a_split_are_joined(table: Table, tmp_path: Path, cache: Path) -> None:
    (tmp_path / "thing").mkdir()
    for i in range(2):
        table(f"thing/train-0000{i}-of-00002", rows=4 + 2 * i)

    data = load(THING, data_dir=tmp_path, cache_dir=cache)

    assert len(data.train) + len(data.validation) == 10


def test_class_names_come_from_hugging_face_metadata(
    table: Table, tmp_path: Path, cache: Path
) -> None:
    features = {"info": {"features": {"label": {"names": ["cat", "dog"]}}}}
    table("thing", metadata={"huggingface": json.dumps(features)})

    data = load(
        DataRef(name=f"parquet:{tmp_path / 'thing.parquet'}", validation=0.25), cache_dir=cache
    )

    assert data.classes == ("cat", "dog")


def test_missing_files_are_listed(tmp_path: Path, cache: Path) -> None:
    with pytest.raises(DataError, match=r"looked for thing, or thing_train\.parquet, .*--data-dir"):
        load(THING, data_dir=tmp_path, cache_dir=cache)


def test_truncated_file_is_named(table: Table, tmp_path: Path, cache: Path) -> None:
    path = table("thing_train")
    path.write_bytes(path.read_bytes()[:-100])

    with pytest.raises(DataError, match=r"thing_train\.parquet cannot be read as Parquet: .*trunc"):
        load(THING, data_dir=tmp_path, cache_dir=cache)


def test_damaged_pages_are_a_data_error(table: Table, tmp_path: Path, cache: Path) -> None:
    path = table("thing_train")
    content = path.read_bytes()
    path.write_bytes(content[:4] + b"\xff" * 300 + content[304:])

    with pytest.raises(DataError, match=r"thing_train\.parquet"):
        load(THING, data_dir=tmp_path, cache_dir=cache)


def test_columns_seen_are_named_when_there_is_no_image(
    table: Table, tmp_path: Path, cache: Path
) -> None:
    table("thing_train", image=None, text=["a"] * 8)

    with pytest.raises(DataError, match=r"no column of encoded images .* Columns: label, text\."):
        load(THING, data_dir=tmp_path, cache_dir=cache)


def test_columns_seen_are_named_when_there_is_no_label(
    table: Table, tmp_path: Path, cache: Path
) -> None:
    table("thing_train", label=None)

    with pytest.raises(DataError, match=r"thing_train\.parquet has no column of labels \(label, "):
        load(THING, data_dir=tmp_path, cache_dir=cache)


@pytest.mark.parametrize(
    ("content", "reason"),
    [(b"not an image", "cannot be read as an image"), (None, "has no image")],
)
def test_row_of_a_bad_image_is_named(
    content: bytes | None, reason: str, table: Table, tmp_path: Path, cache: Path
) -> None:
    good = parquet.read_table(table("good")).column("image").to_pylist()
    table("thing_train", image=[*good[:5], {"bytes": content, "path": "x"}, *good[6:]])

    with pytest.raises(DataError, match=rf"row 5 of .*thing_train\.parquet {reason}"):
        load(THING, data_dir=tmp_path, cache_dir=cache)


def test_image_cut_short_is_named(
    table: Table, picture: Callable[..., NDArray[np.uint8]], tmp_path: Path, cache: Path
) -> None:
    buffer = BytesIO()
    Image.fromarray(picture(0, 40, 40)).save(buffer, "PNG")
    cut = buffer.getvalue()[:-200]
    good = [{"bytes": buffer.getvalue()}] * 7
    table("thing_train", image=[*good, {"bytes": cut}])

    with pytest.raises(DataError, match=r"row 7 of .* cannot be read as an image"):
        load(THING, data_dir=tmp_path, cache_dir=cache)


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        ([0, 1, 0, 1, 0, 1, 0, -1], r"row 7 has no label: .* -1 count as none"),
        ([0, 1, 0, 1, 0, 1, 0, 900], r"class '900' has 1 image"),
        ([0] * 8, r"needs 2 classes to train on, but parquet:thing has 1"),
        ([0, 1, 0, 1, 0, 1, 0, None], r"row 7 has no label"),
        ([2.5] * 8, r"must hold whole numbers or texts, but row 0 has 2\.5"),
        ([0, 0, 0, 0, 0, 0, 0, 1], r"class '1' has 1 image"),
    ],
)
def test_bad_labels_are_refused(
    labels: list[object], message: str, table: Table, tmp_path: Path, cache: Path
) -> None:
    table("thing_train", label=labels)

    with pytest.raises(DataError, match=message):
        load(THING, data_dir=tmp_path, cache_dir=cache)


def test_source_without_validation_needs_a_share(table: Table, tmp_path: Path, cache: Path) -> None:
    table("thing_train")

    with pytest.raises(DataError, match="has no validation split of its own"):
        load(DataRef(name="parquet:thing", validation=None), data_dir=tmp_path, cache_dir=cache)


def test_all_damaged_rows_are_named_at_once(
    table: Table, picture: Callable[..., NDArray[np.uint8]], tmp_path: Path, cache: Path
) -> None:
    buffer = BytesIO()
    Image.fromarray(picture(0, 40, 40)).save(buffer, "PNG")
    whole, cut = {"bytes": buffer.getvalue()}, {"bytes": buffer.getvalue()[:-200]}
    table("thing_train", image=[cut, whole, {"bytes": b"no image"}, *[whole] * 5])
    table("thing_test", image=[*[whole] * 7, cut])

    with pytest.raises(DataError) as caught:
        load(THING, data_dir=tmp_path, cache_dir=cache)

    message = str(caught.value)
    assert message.startswith("3 images of ")
    for row in ("row 0 of", "row 2 of", "row 7 of"):
        assert row in message
