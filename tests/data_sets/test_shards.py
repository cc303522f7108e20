"""Which Parquet files make a data set: names of splits, and all shards or none."""

from collections.abc import Callable
from pathlib import Path

import pytest

from autotrick.data import load
from autotrick.data.shards import find_files
from autotrick.errors import DataError
from autotrick.recipe import DataRef

Make = Callable[..., Path]


@pytest.fixture
def make(tmp_path: Path) -> Make:
    """Makes empty files, of which only the names count, and returns the prefix `set`."""

    def write(*names: str) -> Path:
        for name in names:
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).touch()
        return tmp_path / "set"

    return write


def shards(count: int, stem: str = "train", *, start: int = 0) -> tuple[str, ...]:
    return tuple(f"set/{stem}-{start + i:05}-of-{count:05}.parquet" for i in range(count))


@pytest.mark.parametrize(
    ("names", "found"),
    [
        (("set_train.parquet", "set_test.parquet"), {"train": 1, "test": 1}),
        (
            ("set_TRAIN.parquet", "set-Dev.parquet", "set.eval.PARQUET"),
            {"train": 1, "validation": 1, "test": 1},
        ),
        (("set_train-00000-of-00002.parquet", "set_train-00001-of-00002.parquet"), {"train": 2}),
        (("set/train.parquet", "set/val.parquet"), {"train": 1, "validation": 1}),
        (("set/Training.parquet", "set/Testing.parquet"), {"train": 1, "test": 1}),
        (shards(3), {"train": 3}),
        (shards(3, start=1), {"train": 3}),
        (shards(12, "TRAIN"), {"train": 12}),
        (
            (*shards(2), *shards(1, "valid"), *shards(1, "holdout")),
            {"train": 2, "validation": 1, "test": 1},
        ),
        (("set/train-00000-of-00001-a09b74b3ef9c3b56.parquet",), {"train": 1}),
        (("set/train_0_of_2.parquet", "set/train_1_of_2.parquet"), {"train": 2}),
        (("set/data/train-00000-of-00001.parquet", "set/README.md"), {"train": 1}),
        (
            (
                "set/plain_text/train-00000-of-00001.parquet",
                "set/plain_text/test-00000-of-00001.parquet",
            ),
            {"train": 1, "test": 1},
        ),
        (
            ("set/train/0000.parquet", "set/train/0001.parquet", "set/test/0000.parquet"),
            {"train": 2, "test": 1},
        ),
        (
            ("set/default/train/0000.parquet", "set/default/validation/0000.parquet"),
            {"train": 1, "validation": 1},
        ),
        (("set/cifar_train.parquet", "set/cifar_test.parquet"), {"train": 1, "test": 1}),
        (("set/train-0000.parquet", "set/train-0002.parquet"), {"train": 2}),
        (("set_train.parquet", "set_train_small.parquet", "other_train.parquet"), {"train": 1}),
        (
            ("set/.train-00000-of-00001.parquet", "set/train.parquet", "set/._train.parquet"),
            {"train": 1},
        ),
    ],
)
def test_files_are_found(names: tuple[str, ...], found: dict[str, int], make: Make) -> None:
    files, _ = find_files(make(*names))

    assert {split: len(paths) for split, paths in files.items()} == found


@pytest.mark.parametrize(
    ("names", "message"),
    [
        (shards(3)[::2], "has 2 shards of 3: 00001 of 00003 is missing"),
        (shards(3)[1:], "has 2 shards of 3: 00000 of 00003 is missing"),
        (shards(3)[:2], "has 2 shards of 3: 00002 of 00003 is missing"),
        (shards(3, start=1)[1:], "has 2 shards of 3: 00001 of 00003 is missing"),
        (shards(9)[:2], "2 shards of 9: 00002, 00003, 00004 of 00009 are missing and 4 more"),
        (
            (*shards(2), *shards(3, "test")[:1]),
            "the test split in .*: 00001, 00002 of 00003 are missing",
        ),
        (
            (*shards(2), *shards(2, "dev")[:1]),
            "the validation split in .*: 00001 of 00002 is missing",
        ),
        (("set_train-00001-of-00002.parquet",), "has 1 shard of 2: 00000 of 00002 is missing"),
        (("set/data/train-00000-of-00002.parquet",), "has 1 shard of 2: 00001 of 00002 is missing"),
        ((*shards(1), *shards(2)), "has shards of 1 and of 2 in all"),
        (
            ("set/train-00000-of-00001-a.parquet", "set/train-00000-of-00001-b.parquet"),
            "has two files for one",
        ),
        ((*shards(2), "set/Train-00001-of-00002.parquet"), "has two files for one shard"),
        (
            (*shards(2), "set/train-00007-of-00002.parquet"),
            "has 3 shards of 2: 00007 is beyond 00002",
        ),
        ((*shards(2), "set/train.parquet"), "is there more than once"),
        (("set/train.parquet", "set/training.parquet"), "is there more than once"),
        (
            ("set/train.parquet", "set/val.parquet", "set/dev.parquet"),
            "validation split in .* more than once",
        ),
        (("set/a_train.parquet", "set/b_train.parquet"), "files of several data sets: a and b"),
        (("set/one/train.parquet", "set/two/train.parquet"), "has several data sets: one, two"),
    ],
)
def test_what_is_not_whole_is_refused(names: tuple[str, ...], message: str, make: Make) -> None:
    with pytest.raises(DataError, match=message):
        find_files(make(*names))


def test_files_of_no_split_are_said(make: Make) -> None:
    _, notes = find_files(make("set/train.parquet", "set/extra.parquet", "set/more.parquet"))

    assert [str(note) for note in notes] == [
        "2 Parquet files of no split were left out: extra.parquet, more.parquet."
    ]


def test_one_shard_that_is_named_alone_is_said(make: Make) -> None:
    file = make(*shards(3)) / "train-00001-of-00003.parquet"

    files, notes = find_files(file)

    assert files == {"train": [file]}
    assert str(notes[0]) == "train-00001-of-00003.parquet alone is read, one shard of 3."


def test_a_folder_without_a_train_split_is_said(make: Make, tmp_path: Path, cache: Path) -> None:
    make("set/test.parquet")

    with pytest.raises(DataError, match=r"parquet:set is not in .*: looked for set, or set_train"):
        load(DataRef(name="parquet:set"), data_dir=tmp_path, cache_dir=cache)


def test_shards_are_in_the_order_of_their_numbers(make: Make) -> None:
    files, _ = find_files(make(*shards(11)))

    assert [path.name[6:11] for path in files["train"]] == [f"{i:05}" for i in range(11)]
