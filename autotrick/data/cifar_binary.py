"""The binary version of CIFAR-10 and CIFAR-100: records of a fixed length.

A record is a label of one byte (CIFAR-100: the coarse label, then the fine one, which is the class) and
3,072 bytes of pixels: the red plane of 32x32, then green, then blue.
"""

from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from autotrick.data.catalogue import CIFAR10
from autotrick.data.dataset import Located, Part, Resizing, SourceSplits
from autotrick.data.files import escaped, stamp
from autotrick.data.labels import untrained
from autotrick.data.pixels import part_of
from autotrick.errors import DataError

SIDE = 32
PIXELS = 3 * SIDE * SIDE
_BATCHES = tuple(f"data_batch_{i}.bin" for i in range(1, 6))

FOLDERS = {
    "cifar10": ("cifar-10-batches-bin", _BATCHES, "test_batch.bin", "batches.meta.txt"),
    "cifar100": ("cifar-100-binary", ("train.bin",), "test.bin", "fine_label_names.txt"),
}
"""By data set: its folder as it is unpacked, its training files, its test file, and its class names."""
_LABELS = {"cifar10": 1, "cifar100": 2}
"""Bytes of labels before the pixels of a record; the last one is the class."""
_CLASSES = {"cifar10": 10, "cifar100": 100}


def locate(name: str, data_dir: Path, size: Resizing) -> Located | None:
    """Return the data set of binary files in its folder below `data_dir`, or in `data_dir` itself."""
    folder, train, test, names = FOLDERS[name]
    for place in (data_dir / folder, data_dir):
        files = [place / file for file in (*train, test)]
        if all(file.is_file() for file in files):
            named = [place / names] if (place / names).is_file() else []
            return Located(stamp([*files, *named]), partial(_read, name, files, named, size))
    return None


def _read(name: str, files: list[Path], named: list[Path], size: Resizing) -> SourceSplits:
    *train_files, test_file = files
    parts = [read_records(file, _LABELS[name], _CLASSES[name]) for file in train_files]
    images = np.concatenate([pixels for pixels, _ in parts])
    labels = np.concatenate([numbers for _, numbers in parts])
    classes = _names(name, named)
    train = part_of(images, labels, size)
    test: Part = part_of(*read_records(test_file, _LABELS[name], _CLASSES[name]), size)
    return SourceSplits(classes, train, test=test, notes=lambda: untrained(classes, train.labels))


def _names(name: str, named: list[Path]) -> tuple[str, ...]:
    count = _CLASSES[name]
    for file in named:
        lines = [line.strip() for line in file.read_text(errors="replace").splitlines()]
        if len(found := tuple(line for line in lines if line)) == count:
            return found
    return CIFAR10 if name == "cifar10" else tuple(str(number) for number in range(count))


def read_records(
    path: Path, label_bytes: int, classes: int
) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """Return the (N, 32, 32, 3) images of a file and their (N,) classes.

    Args:
        label_bytes: Bytes before the pixels of a record; the last one is the class.
        classes: How many classes there are.

    Raises:
        DataError: The file is not made of whole records, or a label is none of the classes.
    """
    try:
        content = np.fromfile(path, np.uint8)
    except OSError as error:
        raise DataError(f"{escaped(path)} cannot be read: {error.strerror}.") from None
    length = label_bytes + PIXELS
    if not len(content) or len(content) % length:
        raise DataError(
            f"{escaped(path)} should be records of {length:,} bytes, but has {len(content):,} bytes. "
            "Fetch it again."
        )
    records = content.reshape(-1, length)
    labels = records[:, label_bytes - 1].astype(np.int64)
    if labels.max() >= classes:
        raise DataError(
            f"{escaped(path)} has the label {labels.max()}, and there are {classes} classes. Fetch it "
            "again."
        )
    planes = records[:, label_bytes:].reshape(-1, 3, SIDE, SIDE)
    return np.ascontiguousarray(planes.transpose(0, 2, 3, 1)), labels
