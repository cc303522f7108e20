"""What a word on the command line means, and what is said of one that means nothing."""

from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from autotrick.begin import source_of
from autotrick.errors import DataError

Photos = Callable[..., Path]


def table(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.table({"label": [0, 1]}), path)
    return path


def test_a_folder_and_a_file_are_named_as_they_were_given(photos: Photos, tmp_path: Path) -> None:
    photos()
    table(tmp_path / "set_train.parquet")

    assert source_of(["photos"]) == source_of(["photos/"]) == "folder:photos"
    assert source_of([str(tmp_path / "photos")]) == f"folder:{tmp_path}/photos"
    assert source_of(["set_train.parquet"]) == "parquet:set_train.parquet"
    assert source_of(["folder:photos"]) == "folder:photos"
    assert source_of(["digits"]) == "digits"


def test_a_folder_is_not_mistaken_for_the_data_set_of_its_name(photos: Photos) -> None:
    photos("digits")

    assert source_of(["digits"]) == "folder:digits"


def test_parquet_files_are_found_by_what_they_share(
    photos: Photos, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in (
        "set_train",
        "set_test",
        "shards/train-00000-of-00001",
        "shards/test-00000-of-00001",
    ):
        table(tmp_path / f"{name}.parquet")

    assert source_of(["set_train.parquet", "set_test.parquet"]) == "parquet:set"
    shards = [str(path) for path in sorted((tmp_path / "shards").iterdir())]
    assert source_of(shards) == f"parquet:{tmp_path}/shards"
    assert source_of(["shards"]) == "parquet:shards"
    with pytest.raises(DataError, match="are not the files of one data set"):
        source_of(["set_train.parquet", shards[0]])


@pytest.mark.parametrize(
    ("word", "said"),
    [
        (
            "nowhere",
            r"there is no file or folder /.*/nowhere, and no data set is called 'nowhere'\.",
        ),
        ("cifra10", r"Did you mean 'cifar10'\?"),
        ("words.txt", r"^/.*/words\.txt is not a Parquet file"),
        ("fake.parquet", r"^/.*/fake\.parquet is not a Parquet file"),
        ("x" * 5000, "there is no file or folder"),
        ("a\0b", "there is no file or folder"),
    ],
)
def test_what_is_neither_is_said_with_the_whole_path(
    photos: Photos, tmp_path: Path, word: str, said: str
) -> None:
    photos()
    (tmp_path / "words.txt").write_text("hello")
    (tmp_path / "fake.parquet").write_bytes(b"hello world")

    with pytest.raises(DataError, match=said):
        source_of([word])


def test_several_words_must_be_parquet_files(photos: Photos, tmp_path: Path) -> None:
    photos()
    table(tmp_path / "a_train.parquet")

    with pytest.raises(DataError, match=r"/photos is a folder"):
        source_of(["photos", "a_train.parquet"])
    with pytest.raises(DataError, match=r"/gone\.parquet does not exist"):
        source_of(["a_train.parquet", "gone.parquet"])
