"""The values of the data folder: what a source holds, and what a trial trains on."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from autotrick.data.files import escaped
from autotrick.recipe import DataRef
from autotrick.tasks import CLASSIFICATION

Resize = Literal["squash", "crop", "pad"]
Images = NDArray[np.uint8]
Labels = NDArray[Any]
"""(N, ...) targets as their task stores them; of classes int64 numbers."""
DECODING = 2
"""Version of the way in which files become pixels and labels; 1 was that of autotrick 0.1."""
EXAMPLES = 3
"""Names in a note's line."""
NOTES = 7
"""Notes that are shown one by one."""
LINKED = "linked"
"""Kind of note on images in files that the stamp of a source leaves out: it is read every time."""


@dataclass(frozen=True, slots=True)
class Note:
    """One line for the user: what was left out of a source or done to it, and why.

    A note describes the source as it is now and is not part of the fingerprint: a file that is left
    out does not change the pixels.

    Attributes:
        kind: A fixed word for programs, such as `hidden` or `unlabelled_test`.
        count: How many files, images, rows or classes it is about.
        sentence: For people, with the count in it; without a full stop, since examples may follow.
        examples: Names of some of them, in order; printable.
    """

    kind: str
    count: int
    sentence: str
    examples: tuple[str, ...] = ()

    def __str__(self) -> str:
        """Return the line that users see."""
        shown = ", ".join(self.examples[:EXAMPLES])
        more = self.count - min(EXAMPLES, len(self.examples))
        rest = f" and {more:,} more" if shown and more > 0 else ""
        return f"{self.sentence}{': ' if shown else ''}{shown}{rest}."

    def to_json(self) -> dict[str, Any]:
        """Return it as plain JSON values."""
        return {
            "kind": self.kind,
            "count": self.count,
            "sentence": self.sentence,
            "examples": list(self.examples),
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> "Note":
        """Return the note that `to_json` wrote, its texts safe to show.

        Raises:
            KeyError: A field is missing.
        """
        examples = tuple(escaped(str(name)) for name in value["examples"])
        kind, sentence = escaped(str(value["kind"])), escaped(str(value["sentence"]))
        return cls(kind, int(value["count"]), sentence, examples)


def lines(notes: Sequence[Note]) -> list[str]:
    """Return one line a note, at most NOTES, and one that counts the others."""
    found = [f"Data: {note}" for note in notes]
    rest = found[NOTES:]
    more = "1 more note" if len(rest) == 1 else f"{len(rest)} more notes"
    return found[:NOTES] + ([f"Data: {more} on the data set; the report has all."] if rest else [])


@dataclass(frozen=True, slots=True)
class Split:
    """Images with their targets.

    Attributes:
        images: (N, H, W, C) uint8, C = 1 or 3; memory-mapped and read-only.
        labels: (N, ...) targets as the task stores them; class numbers in [0, K).
    """

    images: Images
    labels: Labels

    def __len__(self) -> int:
        return len(self.labels)


@dataclass(frozen=True, slots=True)
class Dataset:
    """A data set as trials see it: decoded, split, memory-mapped.

    Attributes:
        fingerprint: 16 hex digits over pixels, labels, class names and the rows of the split.
        classes: Their K names; empty where targets are not classes.
        test: Only to confirm a choice that was made without it; None if the source has none.
        mean: (C,) mean of the training images (after carving), scaled to [0, 1].
        std: (C,) their standard deviation, at least 1/255.
        carved: Whether the validation split was carved off the source's training images.
        notes: What was left out of the source or done to it; empty if the data set was opened by its
            fingerprint alone.
        task: Name of the task whose targets the labels are.
    """

    name: str
    fingerprint: str
    classes: tuple[str, ...]
    train: Split
    validation: Split
    test: Split | None
    mean: NDArray[np.float32]
    std: NDArray[np.float32]
    carved: bool = True
    notes: tuple[Note, ...] = ()
    task: str = CLASSIFICATION.name

    @property
    def shape(self) -> tuple[int, int, int]:
        """(H, W, C) of every image."""
        _, height, width, channels = self.train.images.shape
        return height, width, channels

    def resolve(self, ref: DataRef) -> DataRef:
        """Return `ref` as a recipe records it: with the fingerprint, and without a share that does not apply.

        A validation split of the source's own wins over carving, so `validation` becomes None.
        """
        share = ref.validation if self.carved else None
        return ref.model_copy(update={"fingerprint": self.fingerprint, "validation": share})


@dataclass(frozen=True, slots=True)
class Source:
    """A data set, or a kind of data set, that a space can name.

    Attributes:
        classes: How many; None where the files decide.
        link: Where it was published.
        task: Name of the task whose targets it has.
        path: Whether a space writes `NAME:PATH`.
    """

    name: str
    summary: str
    classes: int | None
    link: str
    task: str = CLASSIFICATION.name
    path: bool = False


@dataclass(frozen=True, slots=True)
class Resizing:
    """How images of other sizes are resized.

    Attributes:
        side: Of all images, in pixels; None keeps the source's size.
        resize: As `DataRef` has it.
        legacy: Read images and labels as DECODING version 1 did, to recognise its fingerprints.
    """

    side: int | None = None
    resize: Resize = "squash"
    legacy: bool = False


@dataclass(frozen=True, slots=True)
class Part:
    """One split as its source has it, not yet decoded.

    Attributes:
        labels: (N, ...) targets as the task stores them; class numbers.
        shape: (H, W, C) that every image has once decoded.
        chunks: Decodes the images in the order of the labels, in arrays of (n, H, W, C) uint8.
        sizes: Returns the height and width of each image before resizing; None if all have `shape`, or
            nobody asks.
        name: Returns the name of a row for messages; None if rows have only numbers.
        origin: Returns where in the source's files a row is, for those without a name; None if that says
            no more than its number.
    """

    labels: Labels
    shape: tuple[int, int, int]
    chunks: Callable[[], Iterator[Images]]
    sizes: Callable[[], list[tuple[int, int]]] | None = None
    name: Callable[[int], str] | None = None
    origin: Callable[[int], str] | None = None


@dataclass(frozen=True, slots=True)
class SourceSplits:
    """The classes and splits of a source, not yet decoded.

    Attributes:
        notes: Called after all images are decoded: what was found in the files, such as images turned
            by EXIF. Notes on file names are in `Located.notes`.
        task: Name of the task whose targets the labels are.
    """

    classes: tuple[str, ...]
    train: Part
    validation: Part | None = None
    test: Part | None = None
    notes: Callable[[], tuple[Note, ...]] = tuple
    task: str = CLASSIFICATION.name


@dataclass(frozen=True, slots=True)
class Located:
    """A source whose files are there.

    Attributes:
        stamp: Changes when the files change, also those left out; equal stamps need no second decoding.
        read: Opens the files.
        notes: What was left out, and how the folders were understood.
        reread: Whether to read it every time, because the stamp does not cover all that decides it.
    """

    stamp: str
    read: Callable[[], SourceSplits]
    notes: tuple[Note, ...] = ()
    reread: bool = False
