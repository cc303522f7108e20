"""Files that are not what they should be, and names that lead nowhere, are sentences."""

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as parquet
import pytest
from click.testing import CliRunner
from numpy.typing import NDArray
from PIL import Image

from autotrick.cli import main
from autotrick.data import load
from autotrick.errors import DataError
from autotrick.recipe import DataRef
from tests.data_sets.conftest import png

Table = Callable[..., Path]
Tree = Callable[..., Path]
THING = DataRef(name="parquet:thing.parquet", validation=0.25)
SPACE = """
question = "?"
[data]
name = {name}
validation = 0.25
[training]
architecture = "lenet5"
epochs = 1
batch_size = 4
base_lr = 0.1
"""


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ({"image": [], "label": pa.array([], pa.int64())}, "no column of encoded images"),
        ({"image": pa.array([], pa.binary()), "label": pa.array([], pa.int64())}, "has no images"),
        ({}, "no column of encoded images.* Columns: none"),
        ({"image": [b"hello"] * 8, "label": [0, 1] * 4}, "row 0 of .*: not a known image format"),
        ({"image": ["hello"] * 8, "label": [0, 1] * 4}, "'image' holds string"),
        ({"image": [[1, 2, 3]] * 8, "label": [0, 1] * 4}, "'image' holds list<"),
        ({"image": [[[1, 2], [3, 4]]] * 8, "label": [0, 1] * 4}, "'image' holds list<"),
        ({"image": [3] * 8, "label": [0, 1] * 4}, "'image' holds int64"),
        ({"image": [{"bytes": [1, 2]}] * 8, "label": [0, 1] * 4}, "'image' holds struct<"),
        ({"image": [{"bytes": "x"}] * 8, "label": [0, 1] * 4}, "'image' holds struct<"),
        ({"image": [b""] * 8, "label": [0, 1] * 4}, "not a known image format"),
        ({"image": pa.array([None] * 8, pa.binary()), "label": [0, 1] * 4}, "row 0 .* has no image"),
        ({"image": [None] * 8, "label": [0, 1] * 4}, "'image' holds null"),
        ({"image": pa.array([None] * 8, pa.struct({"bytes": pa.binary()})), "label": [0, 1] * 4}, "row 0 of .* has no image"),
        ({"image": [{"path": "x.png"}] * 8, "label": [0, 1] * 4}, "only the path 'x.png', which cannot be read: No such file"),
        ({"image": [{"bytes": None, "path": "/etc/passwd"}] * 8, "label": [0, 1] * 4}, "only the path '/etc/passwd', which is not below"),
        ({"image": [{"bytes": None, "path": "../x.png"}] * 8, "label": [0, 1] * 4}, "which is not below"),
        ({"image": [{"bytes": None, "path": "a\0b"}] * 8, "label": [0, 1] * 4}, "which cannot be read: embedded null"),
        ({"image": [{"bytes": None, "path": "x" * 5000}] * 8, "label": [0, 1] * 4}, "xxx\\.\\.\\.'?, which cannot be read: File name too long"),
    ],
)  # fmt: skip
def test_columns_that_hold_no_images(
    columns: dict[str, Any], message: str, tmp_path: Path, cache: Path
) -> None:
    parquet.write_table(pa.table(columns), tmp_path / "thing.parquet")

    with pytest.raises(DataError, match=rf"(?s){message}") as caught:
        load(THING, data_dir=tmp_path, cache_dir=cache)
    assert "\n" not in str(caught.value) and "\0" not in str(caught.value)


@pytest.mark.parametrize("twice", ["image", "label"])
def test_column_that_is_there_twice(twice: str, table: Table, tmp_path: Path, cache: Path) -> None:
    good = parquet.read_table(table("good"))
    twins = pa.table([*good.columns, good.column(twice)], names=[*good.column_names, twice])
    parquet.write_table(twins, tmp_path / "thing.parquet")

    with pytest.raises(DataError, match=f"has 2 columns '{twice}'"):
        load(THING, data_dir=tmp_path, cache_dir=cache)


@pytest.mark.parametrize("content", [b"", b"PAR1", b"PAR1PAR1", b"PAR1" + bytes(100) + b"PAR1"])
def test_files_that_are_not_parquet(content: bytes, tmp_path: Path, cache: Path) -> None:
    (tmp_path / "thing.parquet").write_bytes(content)

    with pytest.raises(DataError, match=r"thing\.parquet cannot be read as Parquet"):
        load(THING, data_dir=tmp_path, cache_dir=cache)


def test_images_beside_the_file_are_read_anew(
    tmp_path: Path, cache: Path, picture: Callable[..., NDArray[np.uint8]]
) -> None:
    (tmp_path / "images").mkdir()
    paths = [f"images/{i}.png" for i in range(8)]
    for i, path in enumerate(paths):
        Image.fromarray(picture(i)).save(tmp_path / path)
    rows: list[dict[str, Any]] = [{"bytes": None, "path": path} for path in paths]
    rows[0] = {"bytes": png(picture(0)), "path": "elsewhere"}
    content = pa.table({"image": rows, "label": [0, 1] * 4})
    parquet.write_table(content, tmp_path / "thing.parquet")

    first = load(THING, data_dir=tmp_path, cache_dir=cache)
    assert load(THING, data_dir=tmp_path, cache_dir=cache).fingerprint == first.fingerprint
    Image.fromarray(picture(99)).save(tmp_path / paths[3])
    second = load(THING, data_dir=tmp_path, cache_dir=cache)

    assert [(note.kind, note.count) for note in first.notes] == [("linked", 7)]
    assert first.fingerprint != second.fingerprint


NAMES = [
    "folder:~nobody-is-called-so/x",
    "folder:nowhere",
    "folder:/",
    "folder:a\0b",
    "folder:" + "x" * 5000,
    "folder:a\ud800b",
    "folder:file",
    "folder:file/x",
    "parquet:~nobody-is-called-so/x",
    "parquet:/",
    "parquet:.",
    "parquet:..",
    "parquet:nowhere",
    "parquet:a\0b",
    "parquet:" + "x" * 5000,
    "parquet:file",
    "parquet:file/x",
    "parquet:folder.parquet",
]


@pytest.mark.parametrize("name", NAMES)
def test_names_that_lead_nowhere(name: str, tmp_path: Path, cache: Path) -> None:
    here = tmp_path / "here" / "there"
    (here / "folder.parquet").mkdir(parents=True)
    (here / "file").write_text("hello")
    if name == "folder:/":
        name = f"folder:{here}"

    with pytest.raises(DataError) as caught:
        load(DataRef(name=name), data_dir=here, cache_dir=cache)

    assert len(str(caught.value)) < 2000 and str(caught.value).isprintable()


@pytest.mark.parametrize("name", ["folder:~nobody-is-called-so/x", "parquet:/", "parquet:file"])
def test_command_says_it_in_a_line(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("AUTOTRICK_DATABASE", f"sqlite:///{tmp_path}/a.db")
    Path("file").write_text("hello")
    Path("s.toml").write_text(SPACE.format(name=f'"{name}"'))

    result = CliRunner().invoke(main, ["search", "s.toml", "--dry-run"])

    assert result.exit_code == 1
    assert result.stderr.startswith("Error: ") and result.stderr.count("\n") == 1


@pytest.mark.parametrize("name", ["cat\x1b[31m", "\u202egod", "a" * 10_000, "two\nlines"])
def test_class_names_that_are_odd_are_kept_and_said_in_a_line(
    name: str, table: Table, tmp_path: Path, cache: Path
) -> None:
    table("thing", label=[name, "b"] * 4)
    data = load(THING, data_dir=tmp_path, cache_dir=cache)
    assert set(data.classes) == {name, "b"}

    table("thing", label=[name] + ["b"] * 7)
    with pytest.raises(DataError, match="has 1 image") as caught:
        load(THING, data_dir=tmp_path, cache_dir=cache)
    assert len(str(caught.value)) < 500 and str(caught.value).isprintable()


@contextmanager
def nobody() -> Iterator[None]:
    """Be without the rights of root, which may read all."""
    if os.geteuid():
        yield
        return
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)


@pytest.fixture
def shared() -> Iterator[Path]:
    """A folder that everybody may read, unlike tmp_path."""
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o755)
        yield Path(name)


@pytest.mark.parametrize("closed", ["images", "images/a", "images/a/0.png"])
def test_folders_without_rights(closed: str, tree: Tree, tmp_path: Path, shared: Path) -> None:
    tree("a", "b")
    shutil.copytree(tmp_path / "images", shared / "images")
    (shared / "cache").mkdir(mode=0o777)
    (shared / closed).chmod(0)
    try:
        with nobody(), pytest.raises(DataError, match=f"{closed}.*(Permission denied|no rights)"):
            load(
                DataRef(name="folder:images", validation=0.25),
                data_dir=shared,
                cache_dir=shared / "cache",
            )
    finally:
        (shared / closed).chmod(0o755)


@pytest.mark.parametrize("closed", ["", "thing", "thing/train-00000-of-00001.parquet"])
def test_parquet_without_rights(closed: str, table: Table, tmp_path: Path, shared: Path) -> None:
    (shared / "thing").mkdir()
    shutil.copy(table("x"), shared / "thing/train-00000-of-00001.parquet")
    (shared / closed).chmod(0)
    try:
        with nobody(), pytest.raises(DataError, match="Permission denied"):
            load(
                DataRef(name="parquet:thing", validation=0.25),
                data_dir=shared,
                cache_dir=tmp_path / "cache",
            )
    finally:
        (shared / closed).chmod(0o755)


@pytest.mark.parametrize("closed", ["", "train-images-idx3-ubyte"])
def test_idx_without_rights(closed: str, tmp_path: Path, shared: Path) -> None:
    for stem in ("train", "t10k"):
        for kind in ("images-idx3", "labels-idx1"):
            (shared / f"{stem}-{kind}-ubyte").write_bytes(bytes(100))
    (shared / closed).chmod(0)
    try:
        with nobody(), pytest.raises(DataError, match="Permission denied"):
            load(DataRef(name="mnist"), data_dir=shared, cache_dir=tmp_path / "cache")
    finally:
        (shared / closed).chmod(0o755)
