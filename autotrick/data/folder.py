"""A folder of images for each class, with or without folders for the splits above them."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import IO

import numpy as np

from autotrick.data.dataset import Found, Images, Located, Part, Size
from autotrick.data.files import IMAGE_SUFFIXES, VALIDATION, below, printable, stamp
from autotrick.data.pixels import Decoder, common_shape, stacked
from autotrick.errors import DataError

Files = dict[str, list[Path]]
"""Image files by class name, both sorted."""


def locate(root: Path, size: Size) -> Located:
    """Return the data set of the image files below `root`.

    Raises:
        DataError: There is no such folder, it has no class folders, or one of them is empty.
    """
    if not root.is_dir():
        raise DataError(f"there is no folder {root}. Relative paths start at --data-dir.")
    splits = {name: _classes(folder) for name, folder in _split_folders(root).items()}
    files = [file for split in splits.values() for group in split.values() for file in group]
    return Located(stamp(files), partial(_read, root, splits, size))


def _split_folders(root: Path) -> dict[str, Path]:
    if not _folders(root / "train"):
        return {"train": root}
    found = {"train": root / "train"}
    for name, spellings in (("validation", VALIDATION), ("test", ("test",))):
        for spelling in reversed(spellings):
            if (root / spelling).is_dir():
                found[name] = root / spelling
    return found


def _folders(root: Path) -> list[Path]:
    if not root.is_dir():
        return []
    return sorted(path for path in root.iterdir() if path.is_dir() and path.name[0] != ".")


def _classes(root: Path) -> Files:
    found: Files = {}
    for folder in _folders(root):
        images = [file for file in below(folder) if _is_image(file)]
        if not images:
            raise DataError(f"{folder} has no images. Put some there, or remove the folder.")
        found[folder.name] = images
    if not found:
        raise DataError(f"{root} has no folders. Put the images of each class into one of its own.")
    return found


def _is_image(file: Path) -> bool:
    return file.suffix.lower() in IMAGE_SUFFIXES and file.name[0] != "."


def _read(root: Path, splits: dict[str, Files], size: Size) -> Found:
    classes = tuple(splits["train"])
    for split in splits.values():
        for name in split:
            if name not in classes:
                raise DataError(
                    f"{split[name][0].parent} is of a class that the train split has not. "
                    f"Classes there: {', '.join(classes)}."
                )
    decoder = Decoder(size)
    shapes = {
        _look(file, decoder)
        for split in splits.values()
        for group in split.values()
        for file in group
    }
    shape = common_shape(shapes, size, str(root))
    parts = {name: _part(split, classes, shape, decoder) for name, split in splits.items()}
    return Found(classes, parts["train"], parts.get("validation"), parts.get("test"), decoder.notes)


def _part(
    split: Files, classes: tuple[str, ...], shape: tuple[int, int, int], decoder: Decoder
) -> Part:
    files = [file for group in split.values() for file in group]
    labels = [classes.index(name) for name, group in split.items() for _ in group]

    def chunks() -> Iterator[Images]:
        return stacked((_decode(file, shape, decoder) for file in files), shape)

    def sizes() -> list[tuple[int, int]]:
        return [_look(file, decoder)[:2] for file in files]

    return Part(np.array(labels, np.int64), shape, chunks, sizes)


def _look(file: Path, decoder: Decoder) -> tuple[int, int, int]:
    with _readable(file) as opened:
        return decoder.look(opened, printable(file))


def _decode(file: Path, shape: tuple[int, int, int], decoder: Decoder) -> Images:
    with _readable(file) as opened:
        return decoder.decode(opened, printable(file), shape)


@contextmanager
def _readable(file: Path) -> Iterator[IO[bytes]]:
    try:
        with file.open("rb") as opened:
            yield opened
    except OSError as error:
        raise DataError(f"{printable(file)} cannot be read: {error.strerror}.") from None
