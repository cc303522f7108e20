"""The idx format of MNIST and of the sets that came after it, plain or gzipped."""

import gzip
import zlib
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from autotrick.data.catalogue import FASHION_MNIST
from autotrick.data.dataset import Found, Located, Part, Size
from autotrick.data.files import stamp
from autotrick.data.pixels import part_of
from autotrick.errors import DataError

FOLDERS = {"mnist": "MNIST", "fashion_mnist": "FashionMNIST", "kmnist": "KMNIST"}
"""Names of data sets in this format, with the folder that torchvision puts them in."""

PATTERN = "{train,t10k}-{images-idx3,labels-idx1}-ubyte[.gz]"
_STEMS = {"train": "train", "test": "t10k"}
_BYTES = 8


def locate(name: str, data_dir: Path, size: Size) -> Located | None:
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


def _read(name: str, files: list[Path], size: Size) -> Found:
    classes = FASHION_MNIST if name == "fashion_mnist" else tuple("0123456789")
    train_images, train_labels, test_images, test_labels = files
    train = _part(train_images, train_labels, size)
    return Found(classes, train, test=_part(test_images, test_labels, size))


def _part(images_file: Path, labels_file: Path, size: Size) -> Part:
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
        content = path.read_bytes()
        if path.suffix == ".gz":
            content = gzip.decompress(content)
    except (OSError, EOFError, zlib.error) as error:
        raise DataError(f"{path} cannot be read: {error}. Fetch it again.") from None
    head = 4 + 4 * dimensions
    if content[:4] != bytes((0, 0, _BYTES, dimensions)) or len(content) < head:
        raise DataError(f"{path} is not an idx file of {dimensions}-dimensional bytes.")
    shape = tuple(int(side) for side in np.frombuffer(content, ">u4", dimensions, 4))
    expected = head + int(np.prod(shape))
    if len(content) != expected:
        raise DataError(
            f"{path} should have {expected} bytes unpacked, but has {len(content)}. Fetch it again."
        )
    return np.frombuffer(content, np.uint8, offset=head).reshape(shape)
