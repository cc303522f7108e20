"""Data sets that torchvision reads, from files already on disk."""

import importlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from pickle import UnpicklingError
from typing import Any

import numpy as np

from autotrick.data.dataset import Images, Located, Part, Resizing, SourceSplits
from autotrick.data.files import below, escaped, stamp
from autotrick.data.labels import untrained
from autotrick.data.pixels import common_shape, fit, part_of, stacked
from autotrick.errors import DataError


@dataclass(frozen=True, slots=True)
class _Reader:
    """How to call torchvision.

    Attributes:
        kind: Class in torchvision.datasets.
        paths: Files or folders below the data folder that must be there.
        splits: Arguments of the class for each split.
        labels: Attribute with the class numbers.
        pixels: Layout of the attribute `data`; None when images are decoded one by one.
    """

    kind: str
    paths: tuple[str, ...]
    splits: dict[str, dict[str, Any]]
    labels: str
    pixels: str | None = None


# What pickle, scipy and Pillow raise over files that are not what they should be.
_DAMAGED = (
    *(RuntimeError, OSError, ValueError, EOFError, LookupError, TypeError, AttributeError),
    *(SyntaxError, ArithmeticError, MemoryError, ImportError, UnpicklingError),
)
_TRAIN_FLAG: dict[str, dict[str, Any]] = {"train": {"train": True}, "test": {"train": False}}
_TWO: dict[str, dict[str, Any]] = {"train": {"split": "train"}, "test": {"split": "test"}}
_THREE: dict[str, dict[str, Any]] = {**_TWO, "validation": {"split": "val"}}
_PETS: dict[str, dict[str, Any]] = {"train": {"split": "trainval"}, "test": {"split": "test"}}

READERS = {
    "usps": _Reader("USPS", ("usps.bz2", "usps.t.bz2"), _TRAIN_FLAG, "targets", "NHW"),
    "cifar10": _Reader("CIFAR10", ("cifar-10-batches-py",), _TRAIN_FLAG, "targets", "NHWC"),
    "cifar100": _Reader("CIFAR100", ("cifar-100-python",), _TRAIN_FLAG, "targets", "NHWC"),
    "svhn": _Reader("SVHN", ("train_32x32.mat", "test_32x32.mat"), _TWO, "labels", "NCHW"),
    "stl10": _Reader("STL10", ("stl10_binary",), _TWO, "labels", "NCHW"),
    "eurosat": _Reader("EuroSAT", ("eurosat/2750",), {"train": {}}, "targets"),
    "flowers102": _Reader("Flowers102", ("flowers-102",), _THREE, "_labels"),
    "dtd": _Reader("DTD", ("dtd/dtd",), _THREE, "_labels"),
    "oxford_pets": _Reader("OxfordIIITPet", ("oxford-iiit-pet",), _PETS, "_labels"),
    "food101": _Reader("Food101", ("food-101",), _TWO, "_labels"),
}


def locate(name: str, data_dir: Path, size: Resizing) -> Located | None:
    """Return the named data set; None when its files are not below `data_dir`."""
    paths = [data_dir / path for path in READERS[name].paths]
    if not all(path.exists() for path in paths):
        return None
    files = [file for path in paths for file in below(path)]
    return Located(stamp(files), partial(_read, name, data_dir, size))


def _read(name: str, data_dir: Path, size: Resizing) -> SourceSplits:
    reader = READERS[name]
    kind = getattr(importlib.import_module("torchvision.datasets"), reader.kind)
    try:
        opened = {
            split: kind(root=str(data_dir), download=False, **arguments)
            for split, arguments in reader.splits.items()
        }
    except _DAMAGED as error:
        lines = str(error).strip().splitlines() or [type(error).__name__]
        reason = escaped(lines[0]).rstrip(".")
        raise DataError(f"{name} in {data_dir} cannot be read: {reason}. Fetch it again.") from None
    lists = {tuple(map(str, getattr(images, "classes", ()))) for images in opened.values()}
    if len(lists) > 1:
        # torchvision numbers the classes of each split by themselves where it lists folders.
        first, second = sorted(lists)[:2]
        raise DataError(
            f"the splits of {name} in {data_dir} have other classes: {', '.join(first)}; and "
            f"{', '.join(second)}. Fetch it again."
        )
    parts = {split: _part(reader, images, name, size) for split, images in opened.items()}
    for split, part in parts.items():
        if not len(part.labels):
            raise DataError(f"the {split} split of {name} in {data_dir} has no images.")
    count = 1 + max(int(part.labels.max()) for part in parts.values())
    classes = tuple(str(label) for label in getattr(opened["train"], "classes", ()))
    if len(classes) != count:
        classes = tuple(str(number) for number in range(count))
    return SourceSplits(
        classes,
        parts["train"],
        parts.get("validation"),
        parts.get("test"),
        lambda: untrained(classes, parts["train"].labels),
    )


def _part(reader: _Reader, opened: Any, name: str, size: Resizing) -> Part:
    labels = np.asarray(getattr(opened, reader.labels), np.int64)
    if reader.pixels is None:
        return _decoded(opened, labels, name, size)
    pixels = np.asarray(opened.data, np.uint8)
    if reader.pixels == "NCHW":
        pixels = np.ascontiguousarray(pixels.transpose(0, 2, 3, 1))
    elif reader.pixels == "NHW":
        pixels = pixels[..., None]
    return part_of(pixels, labels, size)


def _decoded(opened: Any, labels: Any, name: str, size: Resizing) -> Part:
    if not len(labels):
        return Part(labels, (1, 1, 3), lambda: iter(()))
    width, height = _image(opened, 0, name).size
    shape = common_shape({(height, width, 3)}, size, name)

    def image(i: int) -> Images:
        decoded = _image(opened, i, name)
        common_shape({(decoded.height, decoded.width, 3), (height, width, 3)}, size, name)
        return fit(decoded, shape, size.resize)

    def chunks() -> Iterator[Images]:
        return stacked(map(image, range(len(labels))), shape)

    return Part(labels, shape, chunks)


def _image(opened: Any, i: int, name: str) -> Any:
    """Return an image as Pillow has it, turned and composited as torchvision leaves it."""
    try:
        return opened[i][0]
    except _DAMAGED as error:
        raise DataError(f"image {i} of {name} cannot be read: {escaped(str(error))}.") from None
