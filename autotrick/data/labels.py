"""Match the labels of several files, by name, to one set of classes."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autotrick.data.dataset import Labels, Note
from autotrick.data.files import escaped
from autotrick.errors import DataError

UNLABELLED = -1
"""The number that publishers give to images whose labels they withhold."""
_LISTED = 10
_LONGEST = 60


@dataclass(frozen=True, slots=True)
class Column:
    """The labels of one file.

    Attributes:
        where: The file, for messages.
        values: (N,) int64 numbers, or (N,) objects that are strings; what is masked does not count.
        missing: (N,) whether a row has no label: null, NaN, empty, or -1.
        names: Class names in the file, number 0 first; None if it has none.
        kind: Type of the column, in words.
    """

    where: str
    values: NDArray[Any]
    missing: NDArray[np.bool_]
    names: tuple[str, ...] | None
    kind: str

    @property
    def textual(self) -> bool:
        return self.values.dtype == object

    def __len__(self) -> int:
        return len(self.values)


@dataclass(frozen=True, slots=True)
class Labelled:
    """Labels of all splits.

    Attributes:
        classes: Names, in the order of their numbers.
        labels: (N,) class numbers of each split that has labels.
        notes: Anything unusual.
    """

    classes: tuple[str, ...]
    labels: dict[str, Labels]
    notes: tuple[Note, ...] = ()


def match(
    splits: Mapping[str, Sequence[Column]], name: str, names: tuple[str, ...] | None = None
) -> Labelled:
    """Return the labels of all splits as numbers of common classes.

    The classes are those that the files name; where no file does, the labels that the training
    images have, numbers in order of size and strings in that of the alphabet. A test split without
    any label is left out.

    Args:
        splits: Columns of each split's files; there is a `train`.
        name: Of the data set, for messages.
        names: Of the classes, where no file tells.

    Raises:
        DataError: A label is missing, is of no class that the training images have, or what it
            means in one file cannot be told from what it means in another.
    """
    kept, notes = _labelled(splits)
    columns = [column for group in kept.values() for column in group]
    named = _names(columns, names)
    found = _by_values(kept, name) if named is None else _by_names(kept, named, name)
    notes += (
        *found.notes,
        *untrained(found.classes, found.labels["train"]),
        *_partly_named(columns),
    )
    return Labelled(found.classes, found.labels, notes)


def _labelled(
    splits: Mapping[str, Sequence[Column]],
) -> tuple[dict[str, Sequence[Column]], tuple[Note, ...]]:
    """Return the splits whose every row has a label.

    Raises:
        DataError: A row has none; a test split in which no row has one is left out instead.
    """
    kept = dict(splits)
    notes: tuple[Note, ...] = ()
    test = splits.get("test", ())
    rows = sum(map(len, test))
    if rows and all(column.missing.all() for column in test):
        del kept["test"]
        sentence = f"the test split is left out: none of its {rows:,} images has a label"
        notes = (Note("unlabelled_test", rows, sentence),)
    for group in kept.values():
        for column in group:
            if column.missing.any():
                row = int(column.missing.argmax())
                raise DataError(
                    f"{column.where}: row {row} has no label: every image needs one, and null, NaN, an "
                    f"empty text and {UNLABELLED} count as none. Label the row or leave it out."
                )
    return kept, notes


def _names(
    columns: Sequence[Column], names: tuple[str, ...] | None
) -> dict[str, tuple[str, ...]] | None:
    """Return the class names by file; None if no file has them.

    Raises:
        DataError: A file does not tell, and those that do differ; or one gives a name twice.
    """
    told = {column.names: column for column in columns if column.names is not None}
    if not told:
        return None if names is None else {column.where: names for column in columns}
    if len(told) > 1:
        for these, column in told.items():
            if len(set(these or ())) < len(these or ()):
                raise DataError(
                    f"{column.where} gives one name to several classes: {_listed(these or ())}; and "
                    "other files have other names. Give each class one name."
                )
        for column in columns:
            if column.names is None and not column.textual:
                first, second = list(told.values())[:2]
                raise DataError(
                    f"{column.where} does not name its classes, and {first.where} has "
                    f"{_listed(first.names or ())}, but {second.where} has "
                    f"{_listed(second.names or ())}. Name the classes in all files."
                )
    common = next(iter(told)) or ()
    return {column.where: column.names or common for column in columns}


def _by_names(
    splits: Mapping[str, Sequence[Column]], named: Mapping[str, tuple[str, ...]], name: str
) -> Labelled:
    """Match labels by name to the classes of the training files, in the first file's order."""
    lists = list(dict.fromkeys(named[column.where] for column in splits["train"]))
    if len(set(named.values())) == 1 and not any(
        column.textual for group in splits.values() for column in group
    ):
        # One list, whatever is in it: numbers stay.
        classes = lists[0]
        numbers = {
            split: [_in_range(column, classes) for column in group]
            for split, group in splits.items()
        }
        return Labelled(classes, _joined(numbers))
    classes = tuple(dict.fromkeys(each for names in lists for each in names))
    number_of = {each: number for number, each in enumerate(classes)}
    numbers = {
        split: [_renumbered(column, named[column.where], number_of, name) for column in group]
        for split, group in splits.items()
    }
    others = [c.where for group in splits.values() for c in group if named[c.where] != classes]
    return Labelled(classes, _joined(numbers), _matched(others))


def _matched(files: Sequence[str]) -> tuple[Note, ...]:
    if not files:
        return ()
    names = "1 file lists" if len(files) == 1 else f"{len(files):,} files list"
    sentence = f"{names} the class names otherwise than the first: labels are matched by name"
    return (Note("matched_labels", len(files), sentence, tuple(files[:3])),)


def _in_range(column: Column, names: tuple[str, ...]) -> Labels:
    wrong = (column.values < 0) | (column.values >= len(names))
    if wrong.any():
        row = int(wrong.argmax())
        raise DataError(
            f"labels of {column.where} must be in 0..{len(names) - 1}, for its {len(names)} class "
            f"names, but row {row} has {column.values[row]}."
        )
    return np.asarray(column.values, np.int64)


def _renumbered(
    column: Column, names: tuple[str, ...], number_of: Mapping[str, int], name: str
) -> Labels:
    """Return a column's labels as common class numbers."""
    if column.textual:
        values, place = np.unique(column.values, return_inverse=True)
        words = [str(value) for value in values]
    else:
        words, place = list(names), _in_range(column, names)
    used = set(np.unique(place).tolist())
    strange = [word for i, word in enumerate(words) if word not in number_of and i in used]
    if strange:
        raise DataError(
            f"{column.where} has images of {_listed(strange)}, which is not a class of the training "
            f"images of {name}: {_listed(number_of)}. Give a class the same name everywhere."
        )
    common = np.array([number_of.get(word, UNLABELLED) for word in words], np.int64)
    return np.asarray(common[place], np.int64)


def _by_values(splits: Mapping[str, Sequence[Column]], name: str) -> Labelled:
    """Make a class of each label that the training images have."""
    kinds = {column.textual: column for group in splits.values() for column in group}
    if len(kinds) > 1:
        raise DataError(
            f"{kinds[True].where} has labels of {kinds[True].kind}, but {kinds[False].where} of "
            f"{kinds[False].kind}. Use one kind in all files."
        )
    seen = np.unique(np.concatenate([np.unique(column.values) for column in splits["train"]]))
    for split, group in splits.items():
        for column in group:
            strange = np.setdiff1d(np.unique(column.values), seen)
            if len(strange):
                raise DataError(
                    f"{column.where} of the {split} split has the labels {_listed(strange)}, which no "
                    f"training image of {name} has. Labels there: {_listed(seen)}."
                )
    numbers = {
        split: [np.searchsorted(seen, column.values).astype(np.int64) for column in group]
        for split, group in splits.items()
    }
    flags = all(column.kind == "bool" for group in splits.values() for column in group)
    classes = map(str, seen.astype(bool).tolist() if flags else seen.tolist())
    return Labelled(tuple(classes), _joined(numbers), _gaps(seen))


def _gaps(seen: NDArray[Any]) -> tuple[Note, ...]:
    if seen.dtype == object or np.array_equal(seen, np.arange(len(seen))):
        return ()
    count = len(seen)
    sentence = f"the {count:,} classes are the numbers that occur as labels, not 0 to {count - 1}"
    return (Note("label_values", count, sentence, tuple(map(str, seen[:3].tolist()))),)


def numbered(
    splits: Mapping[str, Sequence[Column]], names: tuple[str, ...] | None = None
) -> Labelled:
    """Return labels and classes as earlier versions did: numbers unchanged, up to the highest.

    Raises:
        DataError: A file has texts, which earlier versions did not read.
    """
    for column in (column for group in splits.values() for column in group):
        if column.textual:
            raise DataError(f"{column.where} has labels of {column.kind}.")
    labels = _joined(
        {split: [column.values for column in group] for split, group in splits.items()}
    )
    highest = max(int(each.max(initial=-1)) for each in labels.values())
    numbers = tuple(map(str, range(highest + 1)))
    return Labelled(splits["train"][0].names or names or numbers, labels)


def _joined(numbers: Mapping[str, Sequence[Labels]]) -> dict[str, Labels]:
    return {split: np.concatenate(group) for split, group in numbers.items()}


def untrained(classes: Sequence[str], labels: Labels) -> tuple[Note, ...]:
    """Return the note about classes that no training image has."""
    seen = set(np.unique(labels).tolist())
    missing = [name for number, name in enumerate(classes) if number not in seen]
    if not missing:
        return ()
    noun, have = ("class", "has") if len(missing) == 1 else ("classes", "have")
    sentence = f"{len(missing):,} {noun} of {len(classes):,} {have} no training images"
    return (Note("untrained_class", len(missing), sentence, tuple(map(shown, missing[:3]))),)


def _partly_named(columns: Sequence[Column]) -> tuple[Note, ...]:
    without = [column.where for column in columns if column.names is None]
    if not without or len(without) == len(columns) or all(c.textual for c in columns):
        return ()
    files, have = ("file", "has") if len(without) == 1 else ("files", "have")
    sentence = f"{len(without)} {files} {have} no class names and {have} those of the others"
    return (Note("unnamed_classes", len(without), sentence, tuple(without[:3])),)


def shown(name: object) -> str:
    """Return a class name or label for messages: one line, not long."""
    text = repr(name) if isinstance(name, str) else str(name)
    text = escaped(text.encode("utf-8", "backslashreplace").decode())
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 3]}..."


def _listed(names: Iterable[object]) -> str:
    every = [shown(name) for name in names]
    more = f" and {len(every) - _LISTED} more" if len(every) > _LISTED else ""
    return ", ".join(every[:_LISTED]) + more
