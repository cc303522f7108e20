"""Read one Parquet file: find the columns with images and labels, and their values."""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np

from autotrick.data.columns import column_of, is_bytes, is_text
from autotrick.data.files import escaped
from autotrick.data.labels import Column, shown
from autotrick.data.pixels import CHUNK_BYTES
from autotrick.errors import DataError

IMAGE_COLUMNS = ("image", "img")
"""Names of the column with encoded images; further ones are those that Hugging Face calls an Image."""
LABEL_COLUMNS = ("label", "labels", "fine_label", "coarse_label", "class", "target", "category")
"""Names of the column with labels, the first that is there; further ones are ClassLabels."""

# Equal images are stored once, so that the size of a file says little: few rows are held at a time.
_ROWS = 128
_BUFFER = 2**20
_LISTED = 20


@dataclass(frozen=True, slots=True)
class ParquetFile:
    """One Parquet file.

    Attributes:
        image: Name of the column with the images.
        parts: The fields that are read: `bytes` and `path`; empty for a column of plain bytes.
        labels: Names of the columns that may hold the labels, the likeliest first.
        classes: Class names by label column, if the file has them.
        linked: Rows so far whose image was read from another file.
    """

    file: Path
    image: str
    parts: tuple[str, ...]
    labels: tuple[str, ...]
    classes: Mapping[str, tuple[str, ...]]
    linked: set[int] = field(default_factory=set)

    @classmethod
    def open(cls, file: Path) -> "ParquetFile":
        """Look at a file's columns.

        Raises:
            DataError: It is not Parquet, or has no column of images.
        """
        import pyarrow.parquet

        with readable(file):
            schema = pyarrow.parquet.read_schema(file)
        features = _features(schema)
        image, parts = _image_column(file, schema, features)
        labels = _present(
            file, schema, (*LABEL_COLUMNS, *_of_type(features, "ClassLabel")), but=image
        )
        names = {label: _class_names(features.get(label)) for label in labels}
        told = {label: each for label, each in names.items() if each is not None}
        return cls(file, image, parts, labels, told)

    @property
    def where(self) -> str:
        return escaped(self.file)

    def count(self) -> int:
        """Return the number of rows.

        Raises:
            DataError: The file is damaged.
        """
        import pyarrow.parquet

        with readable(self.file):
            return int(pyarrow.parquet.read_metadata(self.file).num_rows)

    def column(self, label: str | None) -> Column:
        """Return the labels; of a file without the column, rows without labels.

        Raises:
            DataError: The column cannot hold labels.
        """
        import pyarrow.parquet

        with readable(self.file), pyarrow.parquet.ParquetFile(self.file) as opened:
            if label is None or label not in self.labels:
                rows = opened.metadata.num_rows
                nothing = np.zeros(rows, np.int64)
                return Column(self.where, nothing, np.ones(rows, bool), None, "nothing")
            found = opened.read(columns=[label]).column(0)
        return column_of(self.where, label, found, self.classes.get(label))

    def images(self) -> Iterator[tuple[str, bytes]]:
        """Yield where an image is, for messages, and its encoded bytes; memory stays small.

        Raises:
            DataError: A row has no image, or the file is damaged.
        """
        for where, content in self.rows():
            if isinstance(content, DataError):
                raise content
            yield where, content

    def rows(self) -> Iterator[tuple[str, bytes | DataError]]:
        """Yield what `images` does, and of a row without an image the error.

        Raises:
            DataError: The file is damaged.
        """
        import pyarrow.parquet

        columns = [f"{self.image}.{part}" for part in self.parts] or [self.image]
        row = 0
        with (
            readable(self.file),
            pyarrow.parquet.ParquetFile(self.file, buffer_size=_BUFFER) as opened,
        ):
            rows = _batch_rows(opened.metadata, columns[0])
            for batch in _batches(opened, rows, columns):
                for content, path in self._contents(batch.column(0)):
                    where = f"row {row} of {self.where}"
                    yield where, self._found(content, path, row)
                    row += 1

    def _found(self, content: bytes | None, path: str | None, row: int) -> bytes | DataError:
        if content is not None:
            return content
        self.linked.add(row)
        try:
            return self._beside(path, f"row {row} of {self.where}")
        except DataError as error:
            return error

    def _contents(self, column: Any) -> Iterator[tuple[bytes | None, str | None]]:
        if not self.parts:
            for content in column:
                yield content.as_py(), None
            return
        # Not field(): it forgets which rows are null as a whole.
        fields = dict(zip((field.name for field in column.type), column.flatten(), strict=True))
        for i in range(len(column)):
            found = [fields[part][i].as_py() if part in fields else None for part in _PARTS]
            yield found[0], found[1]

    def _beside(self, path: str | None, where: str) -> bytes:
        """Return an image that a row refers to by path, below the file's own folder.

        Raises:
            DataError: It does not exist, or the path leaves the folder: a file from somebody else must not
                choose what is read on this machine.
        """
        if not path:
            raise DataError(f"{where} has no image.")
        folder = self.file.parent.resolve()
        try:
            target = (folder / path).resolve()
            if target.is_relative_to(folder):
                return target.read_bytes()
            reason = f"which is not below {escaped(folder)}"
        except (OSError, ValueError) as error:
            reason = f"which cannot be read: {getattr(error, 'strerror', None) or error}"
        raise DataError(
            f"{where} has no image bytes, only the path {shown(path)}, {reason}. Put the images below "
            "the file's folder, or their bytes into the file."
        )


_PARTS = ("bytes", "path")


def _chunks_of(metadata: Any, column: str) -> Iterator[Any]:
    for group in range(metadata.num_row_groups):
        row_group = metadata.row_group(group)
        for i in range(row_group.num_columns):
            if row_group.column(i).path_in_schema == column:
                yield row_group.num_rows, row_group.column(i)


def _batch_rows(metadata: Any, column: str) -> int:
    """Return how many rows of encoded images are held at a time."""
    sizes = [
        chunk.total_uncompressed_size // max(1, rows)
        for rows, chunk in _chunks_of(metadata, column)
    ]
    return int(max(1, min(_ROWS, CHUNK_BYTES // max(1, *sizes, 1))))


def _batches(opened: Any, rows: int, columns: list[str]) -> Iterator[Any]:
    """Yield batches of rows. One row group after the other: Arrow frees a group's pages at its end."""
    for group in range(opened.metadata.num_row_groups):
        yield from opened.iter_batches(rows, row_groups=[group], columns=columns)


def _features(schema: Any) -> dict[str, Any]:
    """Return Hugging Face's description of the columns, where the file has one."""
    try:
        features = json.loads((schema.metadata or {})[b"huggingface"])["info"]["features"]
    except (KeyError, TypeError, ValueError, RecursionError):
        return {}
    if not isinstance(features, dict):
        return {}
    return {name: each for name, each in features.items() if isinstance(each, dict)}


def _of_type(features: Mapping[str, Any], kind: str) -> tuple[str, ...]:
    return tuple(name for name, feature in features.items() if feature.get("_type") == kind)


def _class_names(feature: Any) -> tuple[str, ...] | None:
    """Return the names that a description gives to the labels, number 0 first."""
    names = feature.get("names") if isinstance(feature, dict) else None
    if isinstance(names, dict):  # {"0": "cat", "1": "dog"}
        names = [names.get(str(i)) for i in range(len(names))]
    if not isinstance(names, list) or not names or None in names:
        return None
    return tuple(str(name) for name in names)


def _present(
    file: Path, schema: Any, names: Sequence[str], *, but: str | None = None
) -> tuple[str, ...]:
    """Return the wanted columns that exist; case does not matter.

    Raises:
        DataError: One is there twice.
    """
    found: list[str] = []
    for name in names:
        exact = [each for each in schema.names if each == name]
        same = exact or [each for each in schema.names if each.lower() == name]
        if len(same) > 1:
            raise DataError(
                f"{escaped(file)} has {len(same)} columns {shown(same[0])}. Keep one of them."
            )
        found += [each for each in same if each not in found and each != but]
    return tuple(found)


def _image_column(
    file: Path, schema: Any, features: Mapping[str, Any]
) -> tuple[str, tuple[str, ...]]:
    """Return the name of the column with the images, and the parts of it that are read.

    Raises:
        DataError: There is none.
    """
    others: list[str] = []
    for name in _present(file, schema, (*IMAGE_COLUMNS, *_of_type(features, "Image"))):
        kind = schema.field(name).type
        parts = _image_parts(kind)
        if parts is not None:
            return name, parts
        others.append(f"{shown(name)} holds {shown(str(kind)).strip(chr(39))}")
    seen = f"{'; '.join(others)}." if others else f"Columns: {_listed(schema.names)}."
    raise DataError(
        f"{escaped(file)} has no column of encoded images (image or img, of bytes). {seen}"
    )


def _image_parts(kind: Any) -> tuple[str, ...] | None:
    """Return which parts of a column of this type are read; None if it holds no images."""
    import pyarrow.types as kinds

    if kinds.is_struct(kind):
        has = {field.name: field.type for field in kind}
        if len(has) < kind.num_fields:
            return None
        parts = [part for part in ("bytes",) if part in has and is_bytes(has[part])]
        parts += [part for part in ("path",) if part in has and is_text(has[part])]
        return tuple(parts) or None
    return () if is_bytes(kind) else None


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - _LISTED} more" if len(names) > _LISTED else ""
    return (", ".join(escaped(name)[:60] for name in names[:_LISTED]) or "none") + more


def images_of(tables: Sequence[ParquetFile]) -> Iterator[tuple[str, BytesIO]]:
    """Yield where each image of several files is, and its encoded content."""
    for table in tables:
        for where, content in table.images():
            yield where, BytesIO(content)


@contextmanager
def readable(file: Path) -> Iterator[None]:
    """Turn Arrow's exceptions into a sentence that names the file."""
    import pyarrow

    try:
        yield
    except (pyarrow.ArrowException, OSError, MemoryError) as error:
        lines = str(error).strip().splitlines() or [type(error).__name__]
        reason = getattr(error, "strerror", None) or escaped(lines[0]).rstrip(".")
        raise DataError(
            f"{escaped(file)} cannot be read as Parquet: {reason}. It may be truncated; fetch it "
            "again."
        ) from None
