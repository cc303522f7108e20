"""Facts on a data set that a study records, and that dry run, report and dashboard show."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import sqrt
from typing import Any

import numpy as np

from autotrick import tasks
from autotrick.data.dataset import DECODING, EXAMPLES, Dataset, Labels, Note
from autotrick.data.duplicates import NEAR
from autotrick.data.files import escaped

EVERYTHING = "all images"
"""What stands in place of class names where targets are not classes."""
SPLITS = ("train", "validation", "test")
TYPICAL = 0.9
"""The accuracy at which the standard error of a validation set is told."""
LOPSIDED = 10
"""How many times as many images the largest class has, from which on that is said."""


def standard_error(share: float, images: int) -> float:
    """Return the standard error of a share of right predictions, in [0, 0.5]: sqrt(p (1 - p) / n).

    Args:
        share: The share p in [0, 1].
        images: Their number n, at least 1.
    """
    return sqrt(share * (1 - share) / images)


@dataclass(frozen=True, slots=True)
class Facts:
    """Facts on a data set.

    Attributes:
        classes: Their K names; printable.
        counts: By split, how many images of each class there are.
        shape: (H, W, C) of every image.
        carved: Whether the validation split was carved off the training images.
        decoding: Version of the way in which files become pixels and labels.
        notes: What was left out, and what was done to the data.
        mean: (C,) mean of the training images, of pixels in [0, 1]; empty where it is not on record.
        std: (C,) their standard deviation, likewise.
    """

    classes: tuple[str, ...]
    counts: Mapping[str, tuple[int, ...]]
    shape: tuple[int, int, int]
    carved: bool
    decoding: int
    notes: tuple[Note, ...] = ()
    mean: tuple[float, ...] = ()
    std: tuple[float, ...] = ()

    @property
    def classified(self) -> bool:
        """Whether targets are classes."""
        return self.classes != (EVERYTHING,)

    @property
    def training_images(self) -> int:
        """Number of images that are trained on."""
        return sum(self.counts["train"])

    @property
    def validation_images(self) -> int:
        """Number of images that choose the winner."""
        return sum(self.counts.get("validation", ()))

    @property
    def validation_error(self) -> float | None:
        """Standard error of an accuracy of 90 % on the validation images; None without classes."""
        if not (self.classified and self.validation_images):
            return None
        return standard_error(TYPICAL, self.validation_images)

    @property
    def chance(self) -> float | None:
        """Accuracy on the validation images of always saying their most frequent class; None without classes."""
        if not (self.classified and self.validation_images):
            return None
        return max(self.counts["validation"]) / self.validation_images

    def to_json(self) -> dict[str, Any]:
        """Return them as plain JSON values."""
        return {
            "classes": list(self.classes),
            "counts": {split: list(counts) for split, counts in self.counts.items()},
            "shape": list(self.shape),
            "carved": self.carved,
            "decoding": self.decoding,
            "notes": [note.to_json() for note in self.notes],
            "mean": list(self.mean),
            "std": list(self.std),
        }


def describe(data: Dataset) -> Facts:
    """Return the facts of a data set that was read."""
    splits = {name: getattr(data, name) for name in SPLITS}
    counts = {
        name: _counts(data, split.labels) for name, split in splits.items() if split is not None
    }
    names = tuple(map(escaped, data.classes or (EVERYTHING,)))
    mean, std = (tuple(map(float, values)) for values in (data.mean, data.std))
    return Facts(names, counts, data.shape, data.carved, DECODING, data.notes, mean, std)


def _counts(data: Dataset, labels: Labels) -> tuple[int, ...]:
    """Return how many images of each class there are; how many at all where there are no classes."""
    if not data.classes:
        return (len(labels),)
    strata = tasks.find(data.task).strata(labels)
    return tuple(np.bincount(strata, minlength=len(data.classes)).tolist())


def recorded(value: Mapping[str, Any] | None) -> Facts | None:
    """Return the recorded facts of a study; None if there are none or they cannot be read."""
    try:
        found = dict(value or {})
        height, width, channels = map(int, found["shape"])
        classes = tuple(escaped(str(name)) for name in found["classes"])
        counts = {
            name: tuple(map(int, found["counts"][name]))
            for name in SPLITS
            if name in found["counts"]
        }
        if "train" not in counts or any(len(n) != len(classes) for n in counts.values()):
            return None
        notes = tuple(map(Note.from_json, found["notes"]))
        shape = (height, width, channels)
        mean, std = (tuple(map(float, found.get(name, ()))) for name in ("mean", "std"))
        carved, decoding = bool(found["carved"]), int(found["decoding"])
        return Facts(classes, counts, shape, carved, decoding, notes, mean, std)
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError):
        return None


def nearly_equal(facts: Facts) -> list[str]:
    """Return a sentence for each two splits that share nearly equal images."""
    return [str(note) for note in facts.notes if note.kind in NEAR]


def warnings(facts: Facts) -> tuple[Note, ...]:
    """Return what makes results hard to trust, as far as the counts tell it.

    Classes that one split has and another has not, a class without validation images, and classes of
    very different sizes. Copies and near-duplicates across splits are among the facts' own notes.
    """
    if not facts.classified:
        return ()
    found = [
        *_absent(facts, "validation", "unvalidated_class", "their accuracy is never measured"),
        *_absent(facts, "test", "untested_class", "the test says nothing about them"),
        *_only_elsewhere(facts),
    ]
    sizes = {n: name for n, name in zip(facts.counts["train"], facts.classes, strict=True) if n}
    if sizes and max(sizes) >= LOPSIDED * min(sizes):
        most, least = max(sizes), min(sizes)
        said = (
            f"the largest class has {most:,} training images ({sizes[most]}), the smallest {least:,} "
            f"({sizes[least]}): accuracy is mostly that of the large ones"
        )
        found.append(Note("lopsided", 1, said))
    return tuple(found)


def _absent(facts: Facts, split: str, kind: str, so: str) -> list[Note]:
    """Return the note on classes that are trained on and that another split lacks."""
    if split not in facts.counts:
        return []
    both = zip(facts.classes, facts.counts["train"], facts.counts[split], strict=True)
    names = [name for name, trained, there in both if trained and not there]
    if not names:
        return []
    classes, have = ("class", "has") if len(names) == 1 else ("classes", "have")
    said = f"{len(names):,} {classes} of {len(facts.classes):,} {have} no {split} images: {so}"
    return [Note(kind, len(names), said, tuple(names[:EXAMPLES]))]


def _only_elsewhere(facts: Facts) -> list[Note]:
    """Return the note on classes that are only validated or tested on."""
    names = [
        name
        for i, name in enumerate(facts.classes)
        if not facts.counts["train"][i] and any(n[i] for n in facts.counts.values())
    ]
    if not names:
        return []
    classes, have = ("class", "has") if len(names) == 1 else ("classes", "have")
    said = f"{len(names):,} {classes} {have} no training images, but images in another split"
    return [Note("untrained_split", len(names), said, tuple(names[:EXAMPLES]))]
