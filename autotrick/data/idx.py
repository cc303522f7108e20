"""The idx format of MNIST and its successors, plain or gzipped."""

import gzip
import math
import zlib
from contextlib import nullcontext
from functools import partial
from pathlib import Path
from typing import IO

import numpy as np
from numpy.typing import NDArray

from autotrick.data.catalogue import FASHION_MNIST
from autotrick.data.dataset import Located, Part, Resizing, SourceSplits
from autotrick.data.files import escaped, stamp
from autotrick.data.labels import untrained
from autotrick.data.pixels import part_of
from autotrick.errors import DataError

FOLDERS = {"mnist": "MNIST", "fashion_mnist": "FashionMNIST", "kmnist": "KMNIST"}
"""Names of data sets in this format, with the folder that torchvision puts them in."""

PATTERN = "{train,t10k}-{images-idx3,labels-idx1}-ubyte[.gz]"
_STEMS = {"train": "train", "test": "t10k"}
_BYTES = 8
_GZIP = b"\x1f\x8b"
_BLOCK = 2**20
_LARGEST = 2**30


def locate(name: str, data_dir: Path, size: Resizing) -> Located | None:
    """Return the data set of idx files in `data_dir` or in torchvision's folder below it."""
    for folder in (data_dir, data_dir / FOLDERS[name] / "raw"):
        files = {
            split: [
                _file(folder / f"{stem}-{kind}-ubyte") for kind in ("images-idx3", "labels-idx1")
            ]
            for split, stem in _STEMS.items()
        }
        found = [file for pair in files.values() for file in pair if file is not None]
        if len(found) == 2 * len(_STEMS):
            return Located(stamp(found), partial(_read, name, found, size))
    return None


def _file(plain: Path) -> Path | None:
    zipped = plain.with_name(plain.name + ".gz")
    return next((file for file in (plain, zipped) if file.is_file()), None)


def _read(name: str, files: list[Path], size: Resizing) -> SourceSplits:
    classes = FASHION_MNIST if name == "fashion_mnist" else tuple("0123456789")
    train_images, train_labels, test_images, test_labels = files
    train = _part(train_images, train_labels, size)
    test = _part(test_images, test_labels, size)
    return SourceSplits(classes, train, test=test, notes=lambda: untrained(classes, train.labels))


def _part(images_file: Path, labels_file: Path, size: Resizing) -> Part:
    images = read_idx(images_file, 3)
    labels = read_idx(labels_file, 1)
    if len(images) != len(labels):
        raise DataError(
            f"{images_file} has {len(images)} images, but {labels_file} has {len(labels)} labels."
        )
    return part_of(images[..., None], labels.astype(np.int64), size)


def read_idx(path: Path, dimensions: int) -> NDArray[np.uint8]:
    """Return the array of bytes in an idx file.

    Raises:
        DataError: It is damaged, or has another number of dimensions or another kind of value.
    """
    try:
        with path.open("rb") as file:
            packed = file.read(len(_GZIP)) == _GZIP
            file.seek(0)
            # By content: browsers unpack a download and leave its name.
            with gzip.GzipFile(fileobj=file) if packed else nullcontext(file) as opened:
                return _array(opened, path, dimensions)
    except (OSError, EOFError, zlib.error, MemoryError) as error:
        reason = getattr(error, "strerror", None) or str(error) or type(error).__name__
        raise DataError(f"{escaped(path)} cannot be read: {reason}. Fetch it again.") from None


def _array(file: IO[bytes] | gzip.GzipFile, path: Path, dimensions: int) -> NDArray[np.uint8]:
    """Read header and values in blocks, so that a false header does not take memory."""
    head = 4 + 4 * dimensions
    content = file.read(head)
    if content[:4] != bytes((0, 0, _BYTES, dimensions)) or len(content) < head:
        raise DataError(f"{escaped(path)} is not an idx file of {dimensions}-dimensional bytes.")
    shape = tuple(int(side) for side in np.frombuffer(content, ">u4", dimensions, 4))
    expected = math.prod(shape)
    if expected > _LARGEST:
        raise DataError(
            f"{escaped(path)} should have {expected:,} bytes unpacked, by its header. At most "
            f"{_LARGEST:,} are read. Fetch it again, or make Parquet of it."
        )
    values = bytearray()
    while block := file.read(min(_BLOCK, expected + 1 - len(values))):
        values += block
        if len(values) > expected:
            break
    if len(values) != expected:
        seen = f"more than {expected + head}" if len(values) > expected else len(values) + head
        raise DataError(
            f"{escaped(path)} should have {expected + head} bytes unpacked, but has {seen}. Fetch it "
            "again."
        )
    if dimensions > 1 and 0 in shape[1:]:
        sides = "x".join(map(str, shape[1:]))
        raise DataError(f"{escaped(path)} has images of {sides} pixels. Fetch it again.")
    return np.frombuffer(values, np.uint8).reshape(shape)
