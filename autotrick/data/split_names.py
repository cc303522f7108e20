"""Names that people give to splits in folder and file names."""

import re
from dataclasses import dataclass

SPLITS: dict[str, tuple[str, ...]] = {
    "train": ("train", "training", "trn", "trainval"),
    "validation": (
        "validation",
        "valid",
        "val",
        "validate",
        "validating",
        "dev",
        "development",
    ),
    "test": ("test", "testing", "tst", "eval", "evaluation", "holdout"),
}
"""Words by split, in any case. They are those of Hugging Face's datasets, and some more.

`eval` means the test split, as there: taken for validation it would be looked at in every epoch, and
whoever meant it for the last word could not take that back.
"""

NEUTRAL = frozenset(
    {
        *("archive", "all", "class", "classes", "data", "dataset", "datasets", "dir", "directory"),
        *(
            "file",
            "files",
            "folder",
            "folders",
            "image",
            "images",
            "img",
            "imgs",
            "photo",
            "photos",
        ),
        *("pic", "pics", "picture", "pictures", "raw", "sample", "samples", "set", "sets"),
        *("split", "splits"),
    }
)
"""Words beside a split's that change nothing, and names of folders that only wrap others."""

UNLABELLED = frozenset(
    {
        *("pred", "predict", "prediction", "predictions", "submission", "unlabeled", "unlabelled"),
        *("unknown", "unsup", "unsupervised"),
    }
)
"""Words that mark images without labels."""


@dataclass(frozen=True, slots=True)
class Named:
    """A name with the word of a split in it.

    Attributes:
        split: train, validation or test.
        rest: The other words of the name; those that mean nothing left out.
    """

    split: str
    rest: tuple[str, ...]


def words(name: str) -> tuple[str, ...]:
    """Return the words of a name in lower case: `TrainImages_2017` has train, images, 2017."""
    apart = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name)
    return tuple(word.casefold() for word in re.findall(r"\d+|[^\W\d_]+", apart))


def split_of(name: str) -> Named | None:
    """Return the split that a name means; None if it has the word of none, or of several.

    Examples:
        train, TRAIN, training_set and train2017 mean train; seg_train means train with the rest seg.
    """
    found = words(name)
    if whole := _split("".join(found)):
        return Named(whole, ())
    splits = [_split(word) for word in found]
    hits = [split for split in splits if split]
    if len(hits) != 1:
        return None
    rest = tuple(
        word
        for word, split in zip(found, splits, strict=True)
        if not split and not word.isdigit() and word not in NEUTRAL
    )
    return Named(hits[0], rest)


def is_neutral(name: str) -> bool:
    """Return whether a name is neutral, such as `images` or `dataset`."""
    found = {word for word in words(name) if not word.isdigit()}
    return bool(found) and found <= NEUTRAL


def is_unlabelled(name: str) -> bool:
    """Return whether a name says that there are no labels, as `seg_pred` or `unlabelled`."""
    return any(word in UNLABELLED for word in words(name))


def _split(word: str) -> str | None:
    return next((split for split, known in SPLITS.items() if word in known), None)
