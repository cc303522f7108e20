"""Find equal and nearly equal images across splits, and equal ones with different labels."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from autotrick.data.dataset import EXAMPLES, Images, Labels, Note, Part
from autotrick.data.files import counted
from autotrick.data.near_duplicates import Thumbnails, near_duplicates, thumbnails

KINDS = {
    "copies_validation": "images that are trained on and validated on too",
    "copies_test": "test images that are in the train split too",
    "copies_validation_test": "test images that are in the validation split too",
    "near_validation": "validation images that are nearly equal to one that is trained on",
    "near_test": "test images that are nearly equal to one of the train split",
    "near_validation_test": "test images that are nearly equal to one of the validation split",
    "label_conflict": "training images that have a copy with another label",
}
"""What the notes are about, by kind."""
NEAR = frozenset(kind for kind in KINDS if kind.startswith("near_"))
"""The kinds of notes on images that are nearly equal."""
Marks = NDArray[np.uint64]
"""(N,) a digest of each image's pixels: equal images have equal ones."""


@dataclass(slots=True)
class Marked:
    """Marks of a part's images that tell which ones are duplicates.

    Attributes:
        split: Its name.
        chunks: Marks of the images so far.
        small: Their thumbnails.
    """

    split: str
    part: Part
    chunks: list[Marks] = field(default_factory=list)
    small: list[Thumbnails] = field(default_factory=list)

    def add(self, images: Images) -> None:
        """Add the next (n, H, W, C) images."""
        rows = np.ascontiguousarray(images).reshape(len(images), -1)
        digests = b"".join(blake2b(row.data, digest_size=8).digest() for row in rows)
        self.chunks.append(np.frombuffer(digests, "<u8"))
        self.small.append(thumbnails(images))

    @property
    def marks(self) -> Marks:
        return np.concatenate(self.chunks) if self.chunks else np.zeros(0, np.uint64)

    def name(self, row: int) -> str:
        """Return the name of an image."""
        return self.part.name(row) if self.part.name else f"row {row} of {self.split}"


def copies(marked: dict[str, Marked], carved: NDArray[np.bool_]) -> tuple[Note, ...]:
    """Return notes on the duplicates among a source's images.

    Args:
        marked: By split, as the source has them.
        carved: (N,) which images of the train split are validated on; none where the source has a
            validation split.
    """
    train = marked["train"]
    marks = train.marks
    notes = []
    if "validation" in marked:
        notes += _across(train, marked["validation"], "copies_validation")
    elif carved.any():
        notes += _carved(train, marks, carved)
    if "test" in marked:
        notes += _across(train, marked["test"], "copies_test")
        if "validation" in marked:
            notes += _across(marked["validation"], marked["test"], "copies_validation_test")
    return (*notes, *_conflicts(train, marks))


def _across(one: Marked, other: Marked, kind: str) -> list[Note]:
    mine, theirs = one.marks, other.marks
    rows = np.flatnonzero(np.isin(theirs, mine))
    said = f"{len(rows):,} of the {counted(len(theirs), other.split + ' image')} "
    said += f"{_are_copies(len(rows))} of {one.split} images"
    pairs = [
        f"{other.name(row)} = {one.name(int(np.argmax(mine == theirs[row])))}"
        for row in rows[:EXAMPLES].tolist()
    ]
    return [Note(kind, len(rows), said, tuple(pairs))] if len(rows) else []


def _are_copies(count: int) -> str:
    return "is a copy" if count == 1 else "are copies"


def _carved(train: Marked, marks: Marks, carved: NDArray[np.bool_]) -> list[Note]:
    kept = np.flatnonzero(~carved)
    rows = np.flatnonzero(carved & np.isin(marks, marks[kept]))
    said = f"{len(rows):,} of the {counted(int(carved.sum()), 'image')} carved off for validation "
    said += f"{_are_copies(len(rows))} of images that are trained on"
    pairs = [
        f"{train.name(row)} = {train.name(int(kept[np.argmax(marks[kept] == marks[row])]))}"
        for row in rows[:EXAMPLES].tolist()
    ]
    return [Note("copies_validation", len(rows), said, tuple(pairs))] if len(rows) else []


def _numbered(labels: Labels) -> Labels:
    """Return (N,) numbers that are equal where targets are."""
    if labels.ndim == 1:
        return labels
    found: Labels = np.unique(labels.reshape(len(labels), -1), axis=0, return_inverse=True)[1]
    return found.reshape(-1)


def _conflicts(train: Marked, marks: Marks) -> list[Note]:
    labels = _numbered(train.part.labels)
    order = np.lexsort((np.arange(len(marks)), labels, marks))
    same = marks[order][1:] == marks[order][:-1]
    at_odds = np.flatnonzero(same & (labels[order][1:] != labels[order][:-1]))
    rows = np.isin(marks, marks[order][at_odds])
    said = f"{counted(int(rows.sum()), 'training image')} have a copy with another label"
    pairs = [
        f"{train.name(int(order[i]))} = {train.name(int(order[i + 1]))}"
        for i in at_odds[:EXAMPLES].tolist()
    ]
    return [Note("label_conflict", len(at_odds), said, tuple(pairs))] if len(at_odds) else []


class Side(NamedTuple):
    """Images on one side of a split, as they are in the cache.

    Attributes:
        marked: The part that they come from.
        rows: (n,) their rows there.
        images: (n, H, W, C) uint8, memory-mapped.
        what: What they are, such as `train` images.
    """

    marked: Marked
    rows: NDArray[np.int64]
    images: Images
    what: str

    @property
    def labels(self) -> Labels:
        """Their targets."""
        return self.marked.part.labels[self.rows]

    @property
    def small(self) -> Thumbnails:
        """Their thumbnails."""
        return np.concatenate(self.marked.small)[self.rows]


def near_copies(sides: Mapping[str, Side]) -> tuple[Note, ...]:
    """Return notes on images that are nearly, but not quite, equal on both sides of a split.

    Args:
        sides: By split, after the validation images were carved off.
    """
    pairs = [
        ("train", "validation", "near_validation"),
        ("train", "test", "near_test"),
        ("validation", "test", "near_validation_test"),
    ]
    notes = []
    for one, other, kind in pairs:
        if one in sides and other in sides:
            notes += _near(sides[one], sides[other], kind)
    return tuple(notes)


def _classes(ours: Labels, theirs: Labels) -> tuple[Labels, Labels] | None:
    return (ours, theirs) if ours.ndim == 1 and ours.dtype.kind in "iu" else None


def _near(one: Side, other: Side, kind: str) -> list[Note]:
    mine, theirs = one.marked.marks[one.rows], other.marked.marks[other.rows]
    fresh = np.flatnonzero(~np.isin(theirs, mine))  # exact copies are said already
    found, looked = near_duplicates(
        one.small,
        other.small[fresh],
        lambda place: one.images[place],
        lambda place: other.images[fresh[place]],
        labels=_classes(one.labels, other.labels[fresh]),
    )
    if not found:
        return []
    sampled = f" ({looked:,} of them were compared)" if looked < len(fresh) else ""
    said = f"{len(found):,} of the {counted(len(theirs), other.what + ' image')}{sampled} "
    said += f"{'is' if len(found) == 1 else 'are'} nearly equal to {one.what} images"
    examples = [
        f"{other.marked.name(int(other.rows[fresh[row]]))} ~ {one.marked.name(int(one.rows[mate]))}"
        for row, mate in found[:EXAMPLES]
    ]
    return [Note(kind, len(found), said, tuple(examples))]
