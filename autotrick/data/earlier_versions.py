"""Which files of a folder earlier versions read, to recognise their fingerprints."""

import os
from pathlib import Path

from autotrick.data.layout import Files
from autotrick.errors import DataError

_SUFFIXES = frozenset(
    {".bmp", ".gif", ".jpeg", ".jpg", ".pgm", ".png", ".ppm", ".tif", ".tiff", ".webp"}
)
_SPLITS = (("validation", ("valid", "val", "validation")), ("test", ("test",)))


def splits(root: Path) -> dict[str, Files]:
    """Return the image files by split and class, as DECODING version 1 found them.

    Only lower-case names were splits, hidden files below a class counted where their own names were
    not hidden, and links to folders were not followed.

    Raises:
        DataError: Earlier versions did not read such a folder.
    """
    found = {"train": root}
    if _folders(root / "train"):
        found["train"] = root / "train"
        for split, names in _SPLITS:
            for name in names:
                if (root / name).is_dir():
                    found[split] = root / name
    read = {split: _classes(folder) for split, folder in found.items()}
    if any(files.keys() - read["train"].keys() for files in read.values()):
        raise DataError(f"{root} has classes that the train split has not.")
    return read


def _folders(root: Path) -> list[Path]:
    if not root.is_dir():
        return []
    return sorted(path for path in root.iterdir() if path.is_dir() and path.name[0] != ".")


def _classes(root: Path) -> Files:
    found = {}
    for folder in _folders(root):
        every = sorted(Path(top) / name for top, _, names in os.walk(folder) for name in names)
        images = [file for file in every if file.name[0] != "."]
        found[folder.name] = [file for file in images if file.suffix.lower() in _SUFFIXES]
    if not found or not all(found.values()):
        raise DataError(f"{root} has no classes, or one without images.")
    return found
