"""Facts on a data set that a study records and its report shows."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from autotrick import tasks
from autotrick.data.dataset import DECODING, Dataset, Labels, Note
from autotrick.data.files import escaped

EVERYTHING = "all images"
"""What stands in place of class names where targets are not classes."""
SPLITS = ("train", "validation", "test")


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
    """

    classes: tuple[str, ...]
    counts: Mapping[str, tuple[int, ...]]
    shape: tuple[int, int, int]
    carved: bool
    decoding: int
    notes: tuple[Note, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Return them as plain JSON values."""
        return {
            "classes": list(self.classes),
            "counts": {split: list(counts) for split, counts in self.counts.items()},
            "shape": list(self.shape),
            "carved": self.carved,
            "decoding": self.decoding,
            "notes": [note.to_json() for note in self.notes],
        }


def describe(data: Dataset) -> Facts:
    """Return the facts of a data set that was read."""
    splits = {name: getattr(data, name) for name in SPLITS}
    counts = {
        name: _counts(data, split.labels) for name, split in splits.items() if split is not None
    }
    names = tuple(map(escaped, data.classes or (EVERYTHING,)))
    return Facts(names, counts, data.shape, data.carved, DECODING, data.notes)


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
        return Facts(classes, counts, shape, bool(found["carved"]), int(found["decoding"]), notes)
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError):
        return None
