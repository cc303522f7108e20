"""Look at every file of a data set before a space is written: classes, counts, sizes."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from autotrick import tasks
from autotrick.data.catalogue import find
from autotrick.data.dataset import Note, Part, Resizing, SourceSplits
from autotrick.data.decoding import Decoder
from autotrick.data.files import placed
from autotrick.data.folder_scan import scan
from autotrick.data.layout import arrange
from autotrick.data.loading import locate
from autotrick.data.parquet_file import ParquetFile, images_of
from autotrick.data.pixels import MixedSizesError
from autotrick.data.shards import find_files
from autotrick.errors import DataError
from autotrick.recipe import DataRef
from autotrick.tasks import CLASSIFICATION

_LOOKED = 1000
"""Images whose size is looked at where all of them would take long."""
_ANY = 64
"""A side that lets images of many sizes be read; no pixel is decoded."""


@dataclass(frozen=True, slots=True)
class Sizes:
    """Sizes of images before they are resized.

    Attributes:
        low: (H, W) of the smallest.
        high: (H, W) of the largest.
        side: Median of the shorter sides in pixels.
        aspect: Median of longer side over shorter side.
        one: Whether all images have one size.
    """

    low: tuple[int, int]
    high: tuple[int, int]
    side: int
    aspect: float
    one: bool

    @classmethod
    def of(cls, sizes: NDArray[np.int64]) -> "Sizes":
        """Return the summary of (N, 2) heights and widths."""
        areas = sizes.prod(axis=1)
        low, high = sizes[areas.argmin()].tolist(), sizes[areas.argmax()].tolist()
        shorter, longer = sizes.min(axis=1), sizes.max(axis=1)
        return cls(
            low=(low[0], low[1]),
            high=(high[0], high[1]),
            side=int(np.median(shorter)),
            aspect=float(np.median(longer / shorter)),
            one=bool((sizes == sizes[0]).all()),
        )


@dataclass(frozen=True, slots=True)
class Survey:
    """What a data set has, before anything is decoded.

    Attributes:
        name: By which a space reads it.
        classes: Their K names.
        counts: By split, the number of images of each class, as the source has them.
        channels: 1 if all images are grey, else 3.
        sizes: Of the training images.
        notes: What was left out, and how folders were understood.
    """

    name: str
    classes: tuple[str, ...]
    counts: dict[str, tuple[int, ...]]
    channels: int
    sizes: Sizes
    notes: tuple[Note, ...] = ()

    @property
    def own_validation(self) -> bool:
        """Whether the source has a validation split."""
        return "validation" in self.counts

    @property
    def images(self) -> int:
        """Number of images that are trained on, before a validation split is carved off."""
        return sum(self.counts["train"])


def folder_counts(
    name: str, data_dir: Path | None
) -> tuple[dict[str, dict[str, int]], tuple[Note, ...]] | None:
    """Return the number of images by split and class of a folder, by names alone, with what is left out.

    Of other sources, None.

    Raises:
        DataError: It is not clear what the folders mean.
    """
    kind, _, path = name.partition(":")
    if kind != "folder":
        return None
    top, left = scan(placed(path, data_dir))
    layout = arrange(top)
    counts = {
        split: {label: len(group) for label, group in files.items()}
        for split, files in layout.splits.items()
    }
    return counts, (*layout.notes, *left.notes())


def survey(name: str, data_dir: Path | None) -> Survey:
    """Look at the labels of a data set, and at the header of every image.

    Raises:
        DataError: Files are missing or damaged, or there is nothing to classify.
    """
    if find(name).task != CLASSIFICATION.name:
        raise DataError(
            f"{name} has targets for {find(name).task}. A first space is written for classes only: start "
            "from a packaged space, and see docs/spaces.md."
        )
    ref = DataRef(name=name)
    try:
        located = locate(ref, data_dir)
        read = located.read()
        sizes = None
    except MixedSizesError:
        located = locate(ref.model_copy(update={"image_size": _ANY}), data_dir)
        read = located.read()
        sizes = _sizes(name, data_dir, read.train)
    if (why := CLASSIFICATION.untrainable(read.train.labels, name)) is not None:
        raise DataError(f"{why}.")
    height, width, channels = read.train.shape
    one = np.array([[height, width]])
    return Survey(
        name=name,
        classes=read.classes,
        counts=_counts(read),
        channels=channels,
        sizes=Sizes.of(one if sizes is None else sizes),
        notes=located.notes,
    )


def _counts(read: SourceSplits) -> dict[str, tuple[int, ...]]:
    parts = {"train": read.train, "validation": read.validation, "test": read.test}
    strata = tasks.find(read.task).strata
    return {
        split: tuple(np.bincount(strata(part.labels), minlength=len(read.classes)).tolist())
        for split, part in parts.items()
        if part is not None
    }


def _sizes(name: str, data_dir: Path | None, part: Part) -> NDArray[np.int64]:
    """Return (N, 2) heights and widths of training images, of Parquet files those of the first ones."""
    kind, _, path = name.partition(":")
    if part.sizes is not None:
        return np.array(part.sizes(), np.int64)
    if kind == "parquet":
        files = find_files(placed(path, data_dir))[0]["train"]
        return np.array(list(islice(_looked(files), _LOOKED)), np.int64)
    # Of torchvision's sets of many sizes only that is known.
    return np.array([[224, 224], [256, 320]], np.int64)


def _looked(files: list[Path]) -> Iterator[tuple[int, int]]:
    decoder = Decoder(Resizing())
    for where, content in images_of([ParquetFile.open(file) for file in files]):
        yield decoder.look(content, where)[:2]
