"""Tell split folders from class folders; refuse what is ambiguous."""

import os
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from autotrick.data.dataset import EXAMPLES, Note
from autotrick.data.files import counted, escaped
from autotrick.data.folder_scan import Folder
from autotrick.data.split_names import SPLITS, Named, is_neutral, is_unlabelled, split_of
from autotrick.errors import DataError

Files = dict[str, list[Path]]
"""Image files by class name, both sorted."""

_PLAIN = {"train", "validation", "val", "valid", "test"}
"""Names of split folders that need no note."""
_SHOWN = 6


@dataclass(frozen=True, slots=True)
class Layout:
    """How a folder's subfolders are interpreted.

    Attributes:
        splits: Class folders by split; all have the train split's classes, or fewer.
        notes: For the user.
    """

    splits: dict[str, Files]
    notes: tuple[Note, ...]


def arrange(root: Folder) -> Layout:
    """Return which images belong to which class of which split.

    Raises:
        DataError: It is not clear; the message names the folders that were seen.
    """
    notes: list[Note] = []
    level = _unwrapped(root)
    folders = _split_folders(level)
    if folders is None:
        notes += _same_folders(level)
        return Layout({"train": _classes(level, "train", notes)}, tuple(notes))
    notes += [*_spelling(folders), *_unclassed(level), *_beside(level, folders)]
    splits: dict[str, Files] = {}
    for split, folder in folders.items():
        inner = _inside_split(folder, split)
        if split == "test" and not inner.filled:
            notes.append(_unlabelled_test(inner))
            continue
        files = _classes(inner, split, notes)
        splits[split] = files if split == "train" else _matched(files, splits["train"], folder)
        notes += _missing_classes(splits[split], splits["train"], folder)
    return Layout(splits, tuple(notes))


def _unwrapped(root: Folder) -> Folder:
    """Return the folder whose folders are splits or classes: wrappers such as `dataset/` opened."""
    while len(root.filled) == 1 and not root.images:
        inner = root.filled[0]
        named = split_of(inner.name)
        same = inner.name.casefold() == root.name.casefold()
        if named is None and inner.filled and (is_neutral(inner.name) or same or _has_train(inner)):
            root = inner
        else:
            break
    return root


def _has_train(folder: Folder) -> bool:
    """Return whether there is a folder for the train split, with folders in it."""
    return any(
        named.split == "train" and below.filled
        for below in folder.filled
        if (named := split_of(below.name)) and not named.rest
    )


def _split_folders(level: Folder) -> dict[str, Folder] | None:
    """Return the folder of each split; None when the folders are classes.

    Raises:
        DataError: Both would be possible, or two folders mean one split.
    """
    named = {
        folder.name: found
        for folder in level.folders
        if (found := split_of(folder.name)) is not None
    }
    plain = {name: found for name, found in named.items() if not found.rest}
    chosen = plain or _decorated(level, named)
    if not chosen:
        return None
    _refuse_mixture(level, chosen)
    folders: dict[str, Folder] = {}
    for split in SPLITS:
        same = [f for f in level.folders if f.name in chosen and chosen[f.name].split == split]
        filled = [folder for folder in same if folder.count + folder.unusable] or same
        if len(filled) > 1:
            raise DataError(
                f"{escaped(level.path)} has several folders for the {split} split: "
                f"{_listed(folder.name for folder in filled)}. Keep one of them, and move the "
                "others away or join them."
            )
        if filled:
            folders[split] = filled[0]
    if "train" not in folders:
        raise DataError(
            f"{escaped(level.path)} has {_listed(f.name for f in folders.values())}, as splits are "
            "called, but no folder for the train split. Add a folder called train with "
            "one folder for each class, or give the folder above the classes."
        )
    return folders


def _decorated(level: Folder, named: Mapping[str, Named]) -> dict[str, Named]:
    """Return folders named like seg_train and seg_test; empty if they are classes."""
    others = [f for f in level.filled if f.name not in named and not is_unlabelled(f.name)]
    filled = {folder.name: named[folder.name] for folder in level.filled if folder.name in named}
    splits = Counter(found.split for found in filled.values())
    if others or "train" not in splits:
        return {}
    if len(splits) == 1:  # steam_train and bullet_train are classes
        return {}
    if len({found.rest for found in filled.values()}) > 1 or max(splits.values()) > 1:
        raise DataError(
            f"{escaped(level.path)} has the folders {_listed(filled)}: it is not clear whether "
            "they are splits or classes. Call the folders of the splits train, validation and test."
        )
    return filled


def _refuse_mixture(level: Folder, chosen: Mapping[str, Named]) -> None:
    """Refuse folders with images beside those of the splits, unless their names say unlabelled."""
    others = [f.name for f in level.filled if f.name not in chosen and not is_unlabelled(f.name)]
    if not others:
        return
    raise DataError(
        f"{escaped(level.path)} has {_listed(chosen)}, as splits are called, beside "
        f"{_listed(others)}. Put the folders of all classes into a folder called train, and move away "
        "what is neither a class nor a split."
    )


def _inside_split(folder: Folder, split: str) -> Folder:
    """Return the folder with the class folders of a split, wrappers as in train/train/ opened.

    Raises:
        DataError: There are none, and it is not the test split.
    """
    inner = folder
    while len(inner.filled) == 1 and not inner.images:
        below = inner.filled[0]
        named = split_of(below.name)
        same = named is not None and named.split == split
        no_label = split == "test" and is_unlabelled(below.name) and not below.filled
        if not (same or is_neutral(below.name) or no_label):
            break
        inner = below
    if inner.filled or split == "test":
        return inner
    where = escaped(inner.path)
    if inner.count:
        raise DataError(
            f"{where} has {counted(inner.count, 'image')}, such as {escaped(inner.images[0].name)}, "
            f"but no folders, so the {split} split has no labels. Put the images of each class into "
            "a folder of its own."
        )
    raise DataError(
        f"{where}, the {split} split, has no images. Put some there"
        + ("." if split == "train" else ", or remove the folder.")
    )


def _classes(level: Folder, split: str, notes: list[Note]) -> Files:
    """Return the class folders of a split with their images.

    An empty folder is refused in the train split, where a class would be missing, and ignored elsewhere.
    """
    _refuse_flat(level)
    empty = [f for f in level.folders if not f.count and not f.unusable]
    empty = [f for f in empty if f.files or split != "train"]
    found: Files = {}
    for folder in level.folders:
        if folder not in empty:
            _check_class(folder)
            # Whatever the bytes of a name are, it can be shown and written as JSON.
            name = os.fsencode(folder.name).decode("utf-8", "backslashreplace")
            found[name] = folder.every()
    _refuse_twins(level, found)
    if split == "train":
        notes += _alike(found)
    notes += [*_unclassed(level), *_no_images([folder for folder in empty if folder.files])]
    return found


def _refuse_flat(level: Folder) -> None:
    """Refuse images that are not in folders, or that are all in one folder."""
    if not level.filled:
        seen = "no folders with images" if level.folders else "no folders"
        seen = f"{counted(len(level.images), 'image')} but {seen}" if level.images else seen
    elif len(level.filled) == 1 and is_neutral(level.filled[0].name) and level.filled[0].images:
        level = level.filled[0]
        seen = f"{counted(level.count, 'image')} but no folders for the classes"
    else:
        return
    raise DataError(
        f"{escaped(level.path)} has {seen}. Put the images of each class into one of its own."
    )


def _same_folders(level: Folder) -> list[Note]:
    """Return a note where each folder has the same folders: they may be splits or folds, not classes."""
    inner = [{below.name for below in folder.filled} for folder in level.filled]
    if len(inner) < 2 or len(inner[0]) < 2 or any(names != inner[0] for names in inner):
        return []
    said = (
        f"{_listed(f.name for f in level.filled)} are read as classes, though each has the same "
        f"folders in it: {_listed(sorted(inner[0]))}. If those are the classes, call the folders "
        "above them train, validation and test"
    )
    return [Note("same_folders", len(inner), said)]


def _alike(classes: Iterable[str]) -> list[Note]:
    """Return a note on classes whose names differ only in case."""
    groups: dict[str, list[str]] = {}
    for name in classes:
        groups.setdefault(name.casefold(), []).append(escaped(name))
    alike = [" and ".join(group) for group in groups.values() if len(group) > 1]
    if not alike:
        return []
    said = "class names that differ only in case are read as different classes"
    return [Note("case", len(alike), said, tuple(alike[:EXAMPLES]))]


def _check_class(folder: Folder) -> None:
    """Refuse a class without images, and one with splits below it."""
    if not folder.count:
        if folder.unusable:
            raise DataError(
                f"{escaped(folder.path)} has no images that can be read: "
                f"{counted(folder.unusable, 'file')} of other formats, empty or missing. Convert or "
                "fetch them, or remove the folder."
            )
        raise DataError(
            f"{escaped(folder.path)} has no images. Put some there, or remove the folder."
        )
    below = [f.name for f in folder.filled if (named := split_of(f.name)) and not named.rest]
    if below:
        raise DataError(
            f"{escaped(folder.path)} is a class folder with the folders of splits in it: "
            f"{_listed(below)}. Put the splits above the classes: train/{escaped(folder.name)}/..."
        )


def _refuse_twins(level: Folder, classes: Iterable[str]) -> None:
    """Refuse two class folders whose names differ in Unicode normalisation only."""
    seen: dict[str, str] = {}
    for name in classes:
        other = seen.setdefault(_normal(name), name)
        if other != name:
            raise DataError(
                f"{escaped(level.path)} has two folders called {name!r}, which differ only in how "
                "their letters are encoded. Join them."
            )


def _matched(files: Files, train: Files, folder: Folder) -> Files:
    """Return the class folders of a split under the names that the train split gives them.

    Raises:
        DataError: One is not in the train split; the message has both lists.
    """
    known = {_normal(name): name for name in train}
    strange = [name for name in files if _normal(name) not in known]
    if not strange:
        renamed = {known[_normal(name)]: group for name, group in files.items()}
        return {name: renamed[name] for name in train if name in renamed}
    lower = {name.casefold(): name for name in train}
    case = [name for name in strange if name.casefold() in lower]
    reason = "in another case there" if len(case) == len(strange) else "not there"
    raise DataError(
        f"{escaped(folder.path)} has the classes {_listed(files)}, but the train split "
        f"has {_listed(train)}: {_listed(strange)} {'is' if len(strange) == 1 else 'are'} {reason}. "
        "Call the folders of a class alike in all splits."
    )


def _missing_classes(files: Files, train: Files, folder: Folder) -> list[Note]:
    missing = [name for name in train if name not in files]
    if not missing:
        return []
    where = escaped(folder.name)
    said = f"{where} has no images of {len(missing)} of the {len(train)} classes"
    return [Note("missing_class", len(missing), said, tuple(map(escaped, missing[:EXAMPLES])))]


def _spelling(folders: Mapping[str, Folder]) -> list[Note]:
    if all(folder.name in _PLAIN for folder in folders.values()):
        return []
    read = ", ".join(f"{escaped(f.name)} is the {split} split" for split, f in folders.items())
    return [Note("split_names", len(folders), read)]


def _beside(level: Folder, folders: Mapping[str, Folder]) -> list[Note]:
    """Return notes on folders next to the split folders."""
    used = {folder.path for folder in folders.values()}
    others = [folder for folder in level.folders if folder.path not in used]
    unlabelled = [folder for folder in others if folder.count + folder.unusable]
    notes = [
        Note(
            "unlabelled",
            folder.count,
            f"{counted(folder.count, 'image')} in {escaped(folder.name)} without labels "
            f"{'was' if folder.count == 1 else 'were'} left out",
        )
        for folder in unlabelled
    ]
    return [*notes, *_no_images([folder for folder in others if folder not in unlabelled])]


def _no_images(folders: Sequence[Folder]) -> list[Note]:
    if not folders:
        return []
    names = tuple(escaped(folder.name) for folder in folders[:EXAMPLES])
    was = "has no images and was" if len(folders) == 1 else "have no images and were"
    said = f"{counted(len(folders), 'folder')} {was} left out"
    return [Note("no_images", len(folders), said, names)]


def _unclassed(level: Folder) -> list[Note]:
    count = len(level.images)
    if not count:
        return []
    names = tuple(escaped(path.name) for path in level.images[:EXAMPLES])
    was = "is in no class folder and was" if count == 1 else "are in no class folder and were"
    return [Note("unclassed", count, f"{counted(count, 'image')} {was} left out", names)]


def _unlabelled_test(folder: Folder) -> Note:
    where = escaped(folder.name)
    if not folder.count:
        return Note(
            "unlabelled_test", 0, f"the test split {where} has no images: there is no test split"
        )
    return Note(
        "unlabelled_test",
        folder.count,
        f"the {counted(folder.count, 'image')} in {where} {'has' if folder.count == 1 else 'have'} no "
        "class folders, so there is no test split to confirm with; the search does without it",
    )


def _normal(name: str) -> str:
    return unicodedata.normalize("NFC", name)


def _listed(names: Iterable[str]) -> str:
    """Return `a, b and c`, shortened."""
    shown = [escaped(name) for name in names]
    if len(shown) > _SHOWN:
        return f"{', '.join(shown[:_SHOWN])} and {len(shown) - _SHOWN} more"
    return " and ".join(filter(None, [", ".join(shown[:-1]), *shown[-1:]]))
