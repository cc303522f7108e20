"""A folder of new images, with a folder for each class, for a network that knows its classes."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from unicodedata import normalize

import numpy as np
from numpy.typing import NDArray

from autotrick.data.damaged import Check, reported_at_once
from autotrick.data.dataset import EXAMPLES
from autotrick.data.files import counted, escaped, placed
from autotrick.data.folder_scan import scan
from autotrick.data.layout import Files, arrange
from autotrick.errors import DataError
from autotrick.recipe import DataRef

Read = Callable[[Path], object]
"""Reads a file; raises a DataError if it is damaged."""


@dataclass(frozen=True, slots=True)
class LabelledFolder:
    """The images of a folder whose class a network knows.

    Attributes:
        files: N files, class by class.
        labels: (N,) numbers of their classes.
        names: Their names below the folder; printable.
        notes: What was left out, and which classes have no images; sentences.
    """

    files: tuple[Path, ...]
    labels: NDArray[np.int64]
    names: tuple[str, ...]
    notes: tuple[str, ...]


def labelled_folder(root: Path, classes: Sequence[str]) -> LabelledFolder:
    """Return the images of a folder with a folder for each class, matched to classes by name.

    Names are the same if they are equal, or differ in case only and no other class does so.

    Args:
        classes: Names that the network knows, in the order of its outputs.

    Raises:
        DataError: There is no such folder, it is not clear what its folders mean, or none is a class.
    """
    if not root.is_dir():
        raise DataError(f"there is no folder {escaped(root.absolute())}.")
    top, left = scan(root)
    layout = arrange(top)
    if len(layout.splits) > 1:
        found = ", ".join(layout.splits)
        raise DataError(
            f"{escaped(root.absolute())} has folders for splits ({found}). Name the folder of one of "
            "them: the one with a folder for each class."
        )
    files, unknown = _matched(layout.splits["train"], classes)
    if not files:
        raise DataError(
            f"no folder in {escaped(root.absolute())} is called like a class of the network. Folders: "
            f"{_some(unknown)}. Classes: {_some(classes)}."
        )
    chosen = [(file, classes.index(name)) for name, group in files.items() for file in group]
    notes = [*_said(files, unknown, classes), *map(str, (*layout.notes, *left.notes()))]
    return LabelledFolder(
        tuple(file for file, _ in chosen),
        np.array([label for _, label in chosen], np.int64),
        tuple(escaped(file.relative_to(root)) for file, _ in chosen),
        tuple(notes),
    )


@contextmanager
def all_reported(folder: LabelledFolder, root: Path, read: Read) -> Iterator[None]:
    """Turn the error of one damaged image into one that names all of them.

    Raises:
        DataError: An image is damaged.
    """

    def checks() -> Iterator[Check]:
        for name, file in zip(folder.names, folder.files, strict=True):
            yield name, partial(read, file)

    with reported_at_once(checks, escaped(root)):
        yield


def split_files(ref: DataRef, data_dir: Path | None) -> Mapping[str, frozenset[Path]]:
    """Return the resolved files of each split of an image folder; empty for other data.

    The train split has the validation images too if they were carved off it. What cannot be read any
    more is left out.
    """
    kind, _, path = ref.name.partition(":")
    if kind != "folder":
        return {}
    try:
        root = placed(path, data_dir)
        splits = arrange(scan(root)[0]).splits if root.is_dir() else {}
    except (DataError, OSError):
        return {}
    return {
        name: frozenset(file.resolve() for group in groups.values() for file in group)
        for name, groups in splits.items()
    }


def _matched(files: Files, classes: Sequence[str]) -> tuple[Files, Files]:
    """Return the files by the network's names of the classes, and those of unknown classes."""
    exact = {normalize("NFC", name): name for name in classes}
    folded: dict[str, str | None] = {}
    for name in classes:
        key = normalize("NFC", name).casefold()
        folded[key] = None if key in folded else name
    known: Files = {}
    unknown: Files = {}
    for name, group in files.items():
        plain = normalize("NFC", name)
        found = exact.get(plain) or folded.get(plain.casefold())
        if found is None or found in known:
            unknown[name] = group
        else:
            known[found] = group
    return known, unknown


def _said(files: Files, unknown: Files, classes: Sequence[str]) -> list[str]:
    notes = []
    if unknown:
        images = counted(sum(map(len, unknown.values())), "image")
        folders = counted(len(unknown), "folder")
        is_are = "is not a class" if len(unknown) == 1 else "are not classes"
        notes.append(
            f"{folders} with {images} {is_are} of the network and left out: {_some(unknown)}."
        )
    missing = [name for name in classes if name not in files]
    if missing:
        of = f"{len(missing)} of the {counted(len(classes), 'class', 'classes')}"
        notes.append(f"There are no images of {of} of the network: {_some(missing)}.")
    return notes


def _some(names: Sequence[str] | Mapping[str, object]) -> str:
    shown = [escaped(name) for name in [*names][: 2 * EXAMPLES]]
    more = len(names) - len(shown)
    return ", ".join(shown) + (f" and {more:,} more" if more > 0 else "") or "none"
