"""Parquet with encoded images, as Hugging Face lays it out: one row an image with its label."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np

from autotrick.data.dataset import Found, Images, Labels, Located, Part, Resize, Size
from autotrick.data.files import missing, stamp
from autotrick.data.pixels import CHUNK, common_shape, decode, look
from autotrick.data.shards import Files, find_files
from autotrick.errors import DataError

_IMAGE_COLUMNS = ("image", "img")
_LABEL_COLUMNS = ("label", "labels", "fine_label")


def locate(prefix: Path, size: Size, *, names: tuple[str, ...] | None = None) -> Located | None:
    """Return the data set of the files at `prefix`; None when there is no train split.

    Args:
        prefix: As `find_files` takes it.
        size: What images of other sizes shall get.
        names: Of the classes, where the files do not tell.
    """
    files, notes = find_files(prefix)
    if "train" not in files:
        return None
    every = [file for group in files.values() for file in group]
    mark = "\n".join(map(str, notes))
    return Located(stamp(every, mark), partial(_read, prefix, files, size, names), notes)


def locate_or_fail(prefix: Path, size: Size) -> Located:
    """Return the data set of the files at `prefix`.

    Raises:
        DataError: There are none; the message says what was looked for.
    """
    located = locate(prefix, size)
    if located is None:
        looked_for = [prefix.name, f"{prefix.name}_train.parquet", f"{prefix.name}/train-*.parquet"]
        raise missing(f"parquet:{prefix.name}", prefix.parent, looked_for)
    return located


def _read(prefix: Path, files: Files, size: Size, names: tuple[str, ...] | None) -> Found:
    tables = {name: [_Table.open(file) for file in group] for name, group in files.items()}
    labels = {
        name: np.concatenate([table.labels() for table in group]) for name, group in tables.items()
    }
    classes = tables["train"][0].classes or names or _numbers(labels, prefix)
    every = [table for group in tables.values() for table in group]
    shape = common_shape(set().union(*(table.shapes() for table in every)), size, str(prefix))
    parts = {
        name: Part(labels[name], shape, partial(_chunks, group, shape, size.resize))
        for name, group in tables.items()
    }
    return Found(classes, parts["train"], parts.get("validation"), parts.get("test"))


def _chunks(
    tables: "list[_Table]", shape: tuple[int, int, int], resize: Resize
) -> Iterator[Images]:
    for table in tables:
        images: list[Images] = []
        for where, content in table.images():
            images.append(decode(BytesIO(content), where, shape, resize))
            if len(images) == CHUNK:
                yield np.stack(images)
                images.clear()
        if images:
            yield np.stack(images)


def _numbers(labels: dict[str, Labels], prefix: Path) -> tuple[str, ...]:
    """Return class names for a file that has none: the numbers up to the highest label."""
    highest = max(int(column.max(initial=-1)) for column in labels.values())
    rows = sum(len(column) for column in labels.values())
    if highest >= rows:
        raise DataError(
            f"labels of {prefix} must count classes from 0, but {highest} occurs in {rows} rows."
        )
    return tuple(str(number) for number in range(highest + 1))


@dataclass(frozen=True, slots=True)
class _Table:
    """One Parquet file.

    Attributes:
        image: Path of the column with the encoded images, such as `img.bytes`.
        label: Name of the column with the class numbers.
        classes: Their names, if the file tells.
    """

    file: Path
    image: str
    label: str
    classes: tuple[str, ...] | None

    @classmethod
    def open(cls, file: Path) -> "_Table":
        import pyarrow.parquet

        with _readable(file):
            schema = pyarrow.parquet.read_schema(file)
        label = next((name for name in _LABEL_COLUMNS if name in schema.names), None)
        image = _image_column(schema)
        if image is None or label is None:
            needed = "encoded images (image or img)" if image is None else "numbers (label)"
            raise DataError(
                f"{file} has no column of {needed}. Columns: {', '.join(schema.names)}."
            )
        return cls(file, image, label, _class_names(schema, label))

    def labels(self) -> Labels:
        import pyarrow
        import pyarrow.parquet

        with _readable(self.file):
            column = pyarrow.parquet.read_table(self.file, columns=[self.label]).column(0)
        if not pyarrow.types.is_integer(column.type):
            raise DataError(
                f"{self.file}: the column {self.label} must hold whole numbers, but holds "
                f"{column.type}."
            )
        if column.null_count:
            row = column.is_null().to_pylist().index(True)
            raise DataError(f"{self.file}: row {row} has no {self.label}.")
        return np.asarray(column.to_numpy(), np.int64)

    def images(self) -> Iterator[tuple[str, bytes]]:
        """Yield where an image is, for messages, and its encoded bytes; memory stays small."""
        import pyarrow.parquet

        row = 0
        with _readable(self.file), pyarrow.parquet.ParquetFile(self.file) as opened:
            for batch in opened.iter_batches(CHUNK, columns=[self.image]):
                column = batch.column(0)
                plain = column.field(0) if "." in self.image else column
                for content in plain.to_pylist():
                    where = f"row {row} of {self.file}"
                    if content is None:
                        raise DataError(f"{where} has no image.")
                    yield where, content
                    row += 1

    def shapes(self) -> set[tuple[int, int, int]]:
        return {look(BytesIO(content), where) for where, content in self.images()}


def _image_column(schema: Any) -> str | None:
    import pyarrow.types as kinds

    for name in _IMAGE_COLUMNS:
        if name in schema.names:
            kind = schema.field(name).type
            if kinds.is_struct(kind) and kind.get_field_index("bytes") >= 0:
                return f"{name}.bytes"
            if kinds.is_binary(kind) or kinds.is_large_binary(kind):
                return name
    return None


def _class_names(schema: Any, label: str) -> tuple[str, ...] | None:
    """Return the names that Hugging Face's description in the file gives to the labels."""
    try:
        described = json.loads((schema.metadata or {})[b"huggingface"])
        return tuple(str(name) for name in described["info"]["features"][label]["names"])
    except (KeyError, TypeError, ValueError):
        return None


@contextmanager
def _readable(file: Path) -> Iterator[None]:
    import pyarrow

    try:
        yield
    except (pyarrow.ArrowException, OSError) as error:
        reason = str(error).strip().splitlines()[0].rstrip(".")
        raise DataError(
            f"{file} cannot be read as Parquet: {reason}. It may be truncated; fetch it again."
        ) from None
