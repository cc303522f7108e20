"""A folder of images for each class, with or without folders for the splits above them."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import IO

import numpy as np

from autotrick.data import earlier_versions
from autotrick.data.damaged import Check, reported_at_once
from autotrick.data.dataset import Images, Located, Part, Resizing, SourceSplits
from autotrick.data.decoding import Decoder
from autotrick.data.files import escaped, missing_folder, stamp
from autotrick.data.folder_scan import scan
from autotrick.data.layout import Files, arrange
from autotrick.data.pixels import common_shape, stacked
from autotrick.errors import DataError
from autotrick.recipe import digest_of


def locate(root: Path, size: Resizing) -> Located:
    """Return the data set of the image files below `root`.

    Raises:
        DataError: There is no such folder, or it is not clear what its folders mean.
    """
    if not root.is_dir():
        raise missing_folder(root)
    if size.legacy:
        return Located("", partial(_read, root, earlier_versions.splits(root), size))
    top, left = scan(root)
    layout = arrange(top)
    files = [file for split in layout.splits.values() for file in _files(split)]
    notes = (*layout.notes, *left.notes())
    mark = digest_of({"left": left.digest(), "notes": [note.to_json() for note in notes]})
    return Located(stamp(files, mark), partial(_read, root, layout.splits, size), notes)


def _files(split: Files) -> list[Path]:
    return [file for group in split.values() for file in group]


def _read(root: Path, splits: dict[str, Files], size: Resizing) -> SourceSplits:
    classes = tuple(splits["train"])
    decoder = Decoder(size, root)

    def checks() -> Iterator[Check]:
        for split in splits.values():
            for file in _files(split):
                yield escaped(file.relative_to(root)), partial(_check, file, size)

    with reported_at_once(checks, escaped(root)):
        shapes = {_look(file, decoder) for split in splits.values() for file in _files(split)}
    shape = common_shape(shapes, size, escaped(root))

    def part(split: Files) -> Part:
        files = _files(split)
        labels = [classes.index(name) for name, group in split.items() for _ in group]

        def chunks() -> Iterator[Images]:
            with reported_at_once(checks, escaped(root)):
                yield from stacked((_decode(file, shape, decoder) for file in files), shape)

        def sizes() -> list[tuple[int, int]]:
            return [_look(file, decoder)[:2] for file in files]

        def name(row: int) -> str:
            return escaped(files[row].relative_to(root))

        return Part(np.array(labels, np.int64), shape, chunks, sizes, name)

    parts = {name: part(split) for name, split in splits.items()}
    return SourceSplits(
        classes, parts["train"], parts.get("validation"), parts.get("test"), decoder.notes
    )


def _check(file: Path, size: Resizing) -> None:
    """Raise a DataError if an image cannot be decoded."""
    decoder = Decoder(size)
    _decode(file, _look(file, decoder), decoder)


def _look(file: Path, decoder: Decoder) -> tuple[int, int, int]:
    with _readable(file) as opened:
        return decoder.look(opened, escaped(file))


def _decode(file: Path, shape: tuple[int, int, int], decoder: Decoder) -> Images:
    with _readable(file) as opened:
        return decoder.decode(opened, escaped(file), shape)


@contextmanager
def _readable(file: Path) -> Iterator[IO[bytes]]:
    try:
        with file.open("rb") as opened:
            yield opened
    except OSError as error:
        raise DataError(f"{escaped(file)} cannot be read: {error.strerror}.") from None
