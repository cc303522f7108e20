"""Find all Parquet shards of a data set, and the split of each."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from autotrick.data.dataset import EXAMPLES, Note
from autotrick.data.files import counted, escaped
from autotrick.data.split_names import SPLITS, Named, split_of
from autotrick.errors import DataError

Files = dict[str, list[Path]]
"""Files by split, those of a split in order."""

_SHARD = re.compile(r"(?P<stem>.*?)[-_.]?(?P<index>\d+)[-_]of[-_](?P<total>\d+)(?P<rest>.*)")
_NUMBERED = re.compile(r"(?P<stem>.*?)[-_.](?P<index>\d+)")
_DATA = "data"
"""The folder in which repositories of Hugging Face have their files."""


@dataclass(frozen=True, slots=True)
class _Shard:
    """A file, and the part of a split that its name stands for.

    Attributes:
        index: In the name; None without one.
        total: Number of shards in the name; None without one.
        digits: Number of digits in the name.
    """

    file: Path
    named: Named | None
    index: int | None = None
    total: int | None = None
    digits: int = 0


def find_files(prefix: Path) -> tuple[Files, tuple[Note, ...]]:
    """Return the files of each split, and notes on them.

    The train split is PREFIX_train.parquet, or the files train.parquet or train-00000-of-00003.parquet
    in the folder PREFIX, in PREFIX/data, or in the only other folder below PREFIX that has any; the
    other splits likewise. PREFIX may also be one file, which then is the train split.

    Raises:
        DataError: A shard is missing or there twice, or two names mean the same split.
    """
    if prefix.is_file():
        return {"train": [prefix]}, _one_of_several(prefix)
    single = [shard for shard in _beside(prefix) if shard.named and not shard.named.rest]
    if any(_is(shard, "train", ()) for shard in single):
        return _by_split(single, prefix.parent), ()
    for folder in (prefix, prefix / _DATA, *_configurations(prefix)):
        shards = _in_folder(folder)
        chosen = _chosen(shards, folder)
        if chosen:
            return _by_split(chosen, folder), _unused(shards, chosen)
    return {}, ()


def _in_folder(folder: Path) -> list[_Shard]:
    return [*_shards(_files_in(folder)), *_in_split_folders(folder)]


def _configurations(prefix: Path) -> list[Path]:
    """Return the folder below that has the files, as `plain_text` in repositories of Hugging Face.

    Raises:
        DataError: There are several.
    """
    if not prefix.is_dir() or any(shard.named for shard in _in_folder(prefix)):
        return []
    below = [path for path in _sorted(prefix) if path.is_dir() and not path.name.startswith(".")]
    found = [path for path in below if path.name != _DATA and _chosen(_in_folder(path), path)]
    if len(found) > 1:
        names = ", ".join(escaped(path.name) for path in found)
        raise DataError(
            f"{escaped(prefix)} has several data sets: {names}. Name one: "
            f"parquet:{escaped(prefix / found[0].name)}"
        )
    return found


def _beside(prefix: Path) -> list[_Shard]:
    """Return the files PREFIX_... in the folder of PREFIX, named by what follows."""
    name = prefix.name
    if not name:
        return []
    files = [file for file in _files_in(prefix.parent) if file.name.startswith(name)]
    return [
        _shard(file, file.stem[len(name) + 1 :])
        for file in files
        if file.stem[len(name) : len(name) + 1] in {"_", "-", "."}
    ]


def _in_split_folders(folder: Path) -> list[_Shard]:
    """Return the files in folders named like splits."""
    if not folder.is_dir():
        return []
    found = []
    for below in _sorted(folder):
        named = split_of(below.name)
        if below.is_dir() and named is not None and not named.rest:
            for i, shard in enumerate(_shards(_files_in(below))):
                # Without a total any names will do, such as 0000.parquet.
                index = i if shard.total is None else shard.index
                found.append(_Shard(shard.file, named, index, shard.total, shard.digits))
    return found


def _shards(files: Iterable[Path]) -> list[_Shard]:
    return [_shard(file, file.stem) for file in files]


def _shard(file: Path, name: str) -> _Shard:
    found = _SHARD.fullmatch(name)
    if found:
        index, total = found["index"], found["total"]
        return _Shard(file, split_of(found["stem"]), int(index), int(total), len(total))
    if (found := _NUMBERED.fullmatch(name)) and split_of(found["stem"]):
        return _Shard(file, split_of(found["stem"]), int(found["index"]))
    return _Shard(file, split_of(name))


def _chosen(shards: list[_Shard], folder: Path) -> list[_Shard]:
    """Return those that are of a split, by what their names have beside the split's word.

    Raises:
        DataError: There are several sets of files in the folder.
    """
    rests = sorted({shard.named.rest for shard in shards if shard.named})
    trains = [rest for rest in rests if any(_is(shard, "train", rest) for shard in shards)]
    if () in trains:
        trains = [()]
    if len(trains) > 1:
        names = " and ".join("_".join(rest) for rest in trains[:EXAMPLES])
        raise DataError(
            f"{escaped(folder)} has the files of several data sets: {names}. Name one by its "
            "prefix, as parquet:FOLDER/PREFIX for PREFIX_train.parquet."
        )
    return [s for s in shards if s.named and [s.named.rest] == trains]


def _is(shard: _Shard, split: str, rest: tuple[str, ...]) -> bool:
    return shard.named == Named(split, rest)


def _by_split(shards: list[_Shard], folder: Path) -> Files:
    found: Files = {}
    for split in SPLITS:
        same = [shard for shard in shards if shard.named and shard.named.split == split]
        if same:
            found[split] = _complete_split(same, f"the {split} split in {escaped(folder)}")
    return found


def _complete_split(shards: list[_Shard], where: str) -> list[Path]:
    """Return the files of a split in order, after checking that none is missing."""
    totals = sorted({shard.total for shard in shards if shard.total is not None})
    loose = [shard for shard in shards if shard.total is None]
    numbered = [shard for shard in loose if shard.index is not None]
    if len(totals) > 1:
        raise DataError(
            f"{where} has shards of {' and of '.join(map(str, totals))} in all. Keep those of one "
            "version, and remove the others."
        )
    if loose and (totals or len(numbered) < len(loose) > 1):
        shown = ", ".join(escaped(shard.file.name) for shard in shards[: EXAMPLES + 1])
        raise DataError(f"{where} is there more than once: {shown}. Keep one version of it.")
    _refuse_twice(shards, where)
    if totals:
        _refuse_gap(shards, totals[0], where)
    return [shard.file for shard in shards]


def _refuse_twice(shards: list[_Shard], where: str) -> None:
    seen: dict[int | None, _Shard] = {}
    for shard in shards:
        other = seen.setdefault(shard.index, shard)
        if other is not shard:
            raise DataError(
                f"{where} has two files for one shard: {escaped(other.file.name)} and "
                f"{escaped(shard.file.name)}. Keep one of them."
            )


def _refuse_gap(shards: list[_Shard], total: int, where: str) -> None:
    there = {shard.index for shard in shards}
    first = 0 if 0 in there or total not in there else 1
    expected = range(first, first + total)
    missing = [index for index in expected if index not in there]
    if missing or len(there) > total:
        digits = shards[0].digits
        beyond = sorted(index for index in there if index is not None and index not in expected)
        shown = ", ".join(f"{index:0{digits}}" for index in (missing or beyond)[:EXAMPLES])
        what = f"{shown} of {total:0{digits}} {'are' if len(missing) > 1 else 'is'} missing"
        if not missing:
            what = f"{shown} is beyond {total:0{digits}}"
        more = f" and {len(missing) - EXAMPLES} more" if len(missing) > EXAMPLES else ""
        raise DataError(
            f"{where} has {counted(len(there), 'shard')} of {total}: {what}{more}. Fetch all of them."
        )


def _one_of_several(file: Path) -> tuple[Note, ...]:
    shard = _shard(file, file.stem)
    if shard.total is None or shard.total < 2:
        return ()
    said = f"{escaped(file.name)} alone is read, one shard of {shard.total}"
    return (Note("one_shard", 1, said),)


def _unused(shards: list[_Shard], chosen: list[_Shard]) -> tuple[Note, ...]:
    used = {shard.file for shard in chosen}
    others = [escaped(shard.file.name) for shard in shards if shard.file not in used]
    if not others:
        return ()
    was = "was" if len(others) == 1 else "were"
    said = f"{counted(len(others), 'Parquet file')} of no split {was} left out"
    return (Note("unused_parquet", len(others), said, tuple(others[:EXAMPLES])),)


def _files_in(folder: Path) -> list[Path]:
    if not folder.is_dir():
        return []
    return [
        file
        for file in _sorted(folder)
        if file.suffix.lower() == ".parquet" and not file.name.startswith(".") and file.is_file()
    ]


def _sorted(folder: Path) -> list[Path]:
    try:
        return sorted(folder.iterdir())
    except OSError as error:
        raise DataError(f"{escaped(folder)} cannot be read: {error.strerror}.") from None
