"""Parquet files of encoded images in the Hugging Face layout: one row an image with its label."""

from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from itertools import accumulate
from pathlib import Path
from typing import IO

from autotrick.data.damaged import Check, reported_at_once
from autotrick.data.dataset import LINKED, Images, Located, Note, Part, Resizing, SourceSplits
from autotrick.data.decoding import Decoder
from autotrick.data.files import escaped, missing, stamp
from autotrick.data.labels import match, numbered, shown
from autotrick.data.parquet_file import LABEL_COLUMNS, ParquetFile, images_of
from autotrick.data.pixels import common_shape, stacked
from autotrick.data.shards import Files, find_files
from autotrick.errors import DataError


def locate(prefix: Path, size: Resizing, *, names: tuple[str, ...] | None = None) -> Located | None:
    """Return the data set of the files at `prefix`; None when there is no train split.

    Args:
        prefix: As `find_files` takes it.
        size: How images are resized.
        names: Of the classes, if the files do not have them.
    """
    files, notes = find_files(prefix)
    if "train" not in files:
        return None
    every = [file for group in files.values() for file in group]
    mark = "\n".join(map(str, notes))
    return Located(stamp(every, mark), partial(_read, prefix, files, size, names), notes)


def locate_or_fail(prefix: Path, size: Resizing) -> Located:
    """Return the data set of the files at `prefix`.

    Raises:
        DataError: There are none; the message says what was looked for.
    """
    located = locate(prefix, size)
    if located is None:
        looked_for = [prefix.name, f"{prefix.name}_train.parquet", f"{prefix.name}/train-*.parquet"]
        raise missing(f"parquet:{prefix.name}", prefix.parent, looked_for)
    return located


def _read(
    prefix: Path, files: Files, size: Resizing, names: tuple[str, ...] | None
) -> SourceSplits:
    tables = {split: [ParquetFile.open(file) for file in group] for split, group in files.items()}
    label, notes = _label_column(tables)
    columns = {split: [table.column(label) for table in group] for split, group in tables.items()}
    found = numbered(columns, names) if size.legacy else match(columns, escaped(prefix), names)
    read = {split: tables[split] for split in found.labels}
    decoder = Decoder(size, prefix.parent)

    def checks() -> Iterator[Check]:
        for group in read.values():
            for where, content in images_of(group):
                yield where, partial(_check, content, where, size)

    with reported_at_once(checks, escaped(prefix)):
        shapes = {
            decoder.look(content, where)
            for group in read.values()
            for where, content in images_of(group)
        }
    shape = common_shape(shapes, size, escaped(prefix))

    def chunks(group: Sequence[ParquetFile]) -> Iterator[Images]:
        images = (decoder.decode(content, where, shape) for where, content in images_of(group))
        with reported_at_once(checks, escaped(prefix)):
            yield from stacked(images, shape)

    parts = {
        split: Part(
            found.labels[split],
            shape,
            partial(chunks, group),
            origin=_origin(group, [len(column.values) for column in columns[split]], prefix.parent),
        )
        for split, group in read.items()
    }
    return SourceSplits(
        found.classes,
        parts["train"],
        parts.get("validation"),
        parts.get("test"),
        lambda: (*notes, *found.notes, *_linked(read), *decoder.notes()),
    )


def _check(content: IO[bytes], where: str, size: Resizing) -> None:
    """Raise a DataError if an image cannot be decoded."""
    decoder = Decoder(size)
    decoder.decode(content, where, decoder.look(content, where))


def _label_column(tables: Mapping[str, Sequence[ParquetFile]]) -> tuple[str, tuple[Note, ...]]:
    """Return the column that holds the labels in every file that has any.

    Raises:
        DataError: A file of the train split has none, or files have none in common.
    """
    for table in tables["train"]:
        if not table.labels:
            raise DataError(
                f"{table.where} has no column of labels ({', '.join(LABEL_COLUMNS)}), and no other is "
                "described as a ClassLabel."
            )
    every = [table for group in tables.values() for table in group if table.labels]
    first = every[0]
    common = [name for name in first.labels if all(name in table.labels for table in every)]
    if not common:
        other = next(table for table in every if first.labels[0] not in table.labels)
        raise DataError(
            f"{first.where} has its labels in the column {shown(first.labels[0])}, but {other.where} "
            f"in {shown(other.labels[0])}. Give the column one name."
        )
    rest = tuple(shown(name) for name in first.labels if name != common[0])
    if not rest:
        return common[0], ()
    columns, are = ("column", "is") if len(rest) == 1 else ("columns", "are")
    sentence = (
        f"labels are those of the column {shown(common[0])}; {len(rest)} other {columns} that may hold "
        f"labels {are} not read"
    )
    return common[0], (Note("other_labels", len(rest), sentence, rest),)


def _origin(
    tables: Sequence[ParquetFile], counts: Sequence[int], root: Path
) -> Callable[[int], str]:
    """Return what tells the file and the row in it of an image.

    Args:
        counts: Rows of each file.
        root: Folder to strip from the names of files.
    """
    ends = list(accumulate(counts))

    def origin(row: int) -> str:
        i = bisect_right(ends, row)
        file = tables[i].file
        name = file.relative_to(root) if file.is_relative_to(root) else file
        return f"{escaped(name)}:{row - (ends[i - 1] if i else 0)}"

    return origin


def _linked(tables: Mapping[str, Sequence[ParquetFile]]) -> tuple[Note, ...]:
    count = sum(len(table.linked) for group in tables.values() for table in group)
    if not count:
        return ()
    images, are = ("image", "is") if count == 1 else ("images", "are")
    sentence = f"{count:,} {images} of which the file has only the path {are} read from beside it"
    return (Note(LINKED, count, sentence),)
