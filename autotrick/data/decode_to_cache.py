"""Decode a source once, chunk by chunk, into arrays on disk, with digest and statistics."""

import hashlib
import math
import os
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from autotrick import tasks
from autotrick.data.carve import carve
from autotrick.data.dataset import Images, Labels, Note, Part, SourceSplits
from autotrick.data.duplicates import Marked, Side, copies, near_copies
from autotrick.data.pixels import chunk_rows
from autotrick.errors import DataError, ResourceError
from autotrick.recipe import DataRef, digest_of
from autotrick.tasks import CLASSIFICATION

_VALUES = 2**20
"""Pixel values that are counted at a time."""


class _Writer:
    """Appends images to a .npy file of known length.

    Plain writes, not a memory map: on a full disk a map ends the process, a write raises.
    """

    def __init__(self, path: Path, rows: int, shape: tuple[int, int, int]) -> None:
        self.counts = np.zeros((shape[2], 256), np.int64)
        self._digest = hashlib.sha256()
        self._rows = rows
        self._written = 0
        self._file = path.open("wb")
        header = {"descr": "|u1", "fortran_order": False, "shape": (rows, *shape)}
        np.lib.format.write_array_header_1_0(self._file, header)

    def write(self, images: Images) -> None:
        data = np.ascontiguousarray(images).data
        self._file.write(data)
        self._digest.update(data)
        self._written += len(images)
        for channel, counts in enumerate(self.counts):
            values = images[..., channel].ravel()
            # bincount makes 8 bytes of each value.
            for start in range(0, len(values), _VALUES):
                counts += np.bincount(values[start : start + _VALUES], minlength=256)

    def close(self) -> str:
        """Sync the file and return the digest of its pixels."""
        assert self._written == self._rows
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()
        return self._digest.hexdigest()

    def abandon(self) -> None:
        self._file.close()


class _Written(NamedTuple):
    """Digests of pixels and labels, and the (C, 256) counts of pixel values."""

    digests: tuple[str, str]
    counts: NDArray[np.int64]


def write(
    source: SourceSplits, ref: DataRef, folder: Path
) -> tuple[str, dict[str, Any], tuple[Note, ...]]:
    """Write every split of a source into `folder`.

    Returns:
        The fingerprint, the manifest without the sizes of the files, and notes on copies of images, equal and nearly equal ones.

    Raises:
        DataError: The source breaks a rule: one class, labels out of range, a damaged image.
        ResourceError: The decoded images do not fit on the disk.
        OSError: The disk is full.
    """
    check(source, ref.name)
    check_room(source, ref.name, folder)
    own = source.validation is not None
    taken = np.zeros(len(source.train.labels), bool) if own else _carved(source, ref)
    masks = {"train": ~taken} if own else {"train": ~taken, "validation": taken}
    marked = {"train": Marked("train", source.train)}
    dtype = tasks.find(source.task).dtype
    written = _write_part(marked["train"], masks, dtype, folder)
    for name, part in (("validation", source.validation), ("test", source.test)):
        if part is not None:
            marked[name] = Marked(name, part)
            all_rows = {name: np.ones(len(part.labels), bool)}
            written |= _write_part(marked[name], all_rows, dtype, folder)
    digests = {name: list(split.digests) for name, split in written.items()}
    classes = list(source.classes)
    rows = hashlib.sha256(np.flatnonzero(taken).astype("<i8").tobytes()).hexdigest()
    shape = list(source.train.shape)
    facts = {"classes": classes, "shape": shape, "rows": rows}
    if source.task != CLASSIFICATION.name:
        facts["task"] = source.task
    mean, std = statistics(written["train"].counts)
    manifest = {
        **facts,
        "name": ref.name,
        "splits": sorted(written),
        "mean": mean,
        "std": std,
        "carved": not own,
    }
    notes = (*copies(marked, taken), *near_copies(_sides(marked, taken, folder)))
    return digest_of(facts | {"splits": digests}), manifest, notes


def _sides(marked: Mapping[str, Marked], taken: NDArray[np.bool_], folder: Path) -> dict[str, Side]:
    """Return the splits as they were written into `folder`."""
    rows = {name: np.arange(len(each.part.labels)) for name, each in marked.items()}
    if taken.any():
        rows |= {"train": np.flatnonzero(~taken), "validation": np.flatnonzero(taken)}
    return {
        name: Side(
            marked.get(name, marked["train"]),
            places,
            np.load(folder / f"{name}_images.npy", mmap_mode="r", allow_pickle=False),
            name,
        )
        for name, places in rows.items()
    }


def fingerprint_of(folder: Path, manifest: Mapping[str, Any]) -> str:
    """Read the arrays in `folder` and return their fingerprint.

    Args:
        manifest: What `write` returned with them.
    """
    digests = {}
    for name in manifest["splits"]:
        images = np.load(folder / f"{name}_images.npy", mmap_mode="r", allow_pickle=False)
        labels = np.load(folder / f"{name}_labels.npy", allow_pickle=False)
        pixels = hashlib.sha256()
        rows = chunk_rows(images.shape[1:])
        for start in range(0, len(images), rows):
            pixels.update(np.ascontiguousarray(images[start : start + rows]).data)
        digests[name] = [pixels.hexdigest(), hashlib.sha256(labels.tobytes()).hexdigest()]
    facts = {key: manifest.get(key) for key in ("classes", "shape", "rows")}
    if "task" in manifest:
        facts["task"] = manifest["task"]
    return digest_of(facts | {"splits": digests})


def statistics(counts: NDArray[np.int64]) -> tuple[list[float], list[float]]:
    """Return mean and standard deviation per channel, in units of the full range.

    Computed from integer sums, so they are equal on every machine. The deviation is at least 1/255, so
    that a constant channel is not divided by zero.

    Args:
        counts: (C, 256) how often each value occurs in each channel.
    """
    means, deviations = [], []
    for row in counts.tolist():
        pixels = sum(row)
        total = sum(value * count for value, count in enumerate(row))
        squares = sum(value * value * count for value, count in enumerate(row))
        means.append(total / pixels / 255)
        deviations.append(max(1.0, math.sqrt(pixels * squares - total**2) / pixels) / 255)
    return means, deviations


def check(source: SourceSplits, name: str) -> None:
    """Raise a DataError unless there is something to learn, and every split has images that fit.

    Raises:
        DataError: The message says which split breaks which rule.
    """
    splits = {"train": source.train, "validation": source.validation, "test": source.test}
    for split, part in splits.items():
        if part is not None:
            _check_part(part, source, f"the {split} split of {name}")
    if (why := tasks.find(source.task).untrainable(source.train.labels, name)) is not None:
        raise DataError(f"{why}.")


def check_room(source: SourceSplits, name: str, folder: Path) -> None:
    """Raise a ResourceError unless the decoded images fit on the disk.

    Raises:
        ResourceError: The message says how much they take and how much is free.
    """
    parts = [part for part in (source.train, source.validation, source.test) if part is not None]
    needed = sum(len(part.labels) * math.prod(part.shape) for part in parts)
    free = shutil.disk_usage(folder).free
    if needed > free:
        count = sum(len(part.labels) for part in parts)
        raise ResourceError(
            f"the {count:,} images of {name} take {needed / 2**30:,.1f} GiB decoded as "
            f"{_pixels(source.train.shape)}, but {folder.parent} has {free / 2**30:,.1f} GiB free. Set a "
            "smaller image_size, free some space, or choose another cache folder."
        )


def _check_part(part: Part, source: SourceSplits, where: str) -> None:
    if not len(part.labels):
        raise DataError(f"{where} has no images.")
    fault = tasks.find(source.task).fault(part.labels, part.shape[:2], len(source.classes))
    if fault is not None:
        raise DataError(f"labels of {where} {fault}.")
    if part.shape != source.train.shape:
        raise DataError(
            f"images of {where} are {_pixels(part.shape)}, but those of the train split are "
            f"{_pixels(source.train.shape)}. Set image_size to the side that all shall get."
        )


def _pixels(shape: Sequence[int]) -> str:
    return "x".join(str(side) for side in shape)


def _carved(source: SourceSplits, ref: DataRef) -> NDArray[np.bool_]:
    if ref.validation is None:
        raise DataError(
            f"{ref.name} has no validation split of its own. Set validation to the share of the "
            "training images to carve off, such as 0.1."
        )
    strata = tasks.find(source.task).strata(source.train.labels)
    names = source.classes or [str(stratum) for stratum in range(int(strata.max()) + 1)]
    return carve(strata, ref.validation, seed=ref.split_seed, classes=names)


def _write_part(
    marked: Marked, masks: dict[str, NDArray[np.bool_]], dtype: str, folder: Path
) -> dict[str, _Written]:
    """Write, under each name, the rows of its mask."""
    part = marked.part
    writers = {
        name: _Writer(folder / f"{name}_images.npy", int(mask.sum()), part.shape)
        for name, mask in masks.items()
    }
    try:
        start = 0
        for chunk in part.chunks():
            marked.add(chunk)
            for name, mask in masks.items():
                writers[name].write(chunk[mask[start : start + len(chunk)]])
            start += len(chunk)
        pixels = {name: writer.close() for name, writer in writers.items()}
    finally:
        for writer in writers.values():
            writer.abandon()
    return {
        name: _Written(
            (pixels[name], _write_labels(part.labels[mask], dtype, name, folder)),
            writers[name].counts,
        )
        for name, mask in masks.items()
    }


def _write_labels(labels: Labels, dtype: str, name: str, folder: Path) -> str:
    little = np.ascontiguousarray(labels, dtype)
    with (folder / f"{name}_labels.npy").open("wb") as file:
        np.save(file, little)
        file.flush()
        os.fsync(file.fileno())
    return hashlib.sha256(little.tobytes()).hexdigest()
