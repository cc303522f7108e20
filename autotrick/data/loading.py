"""From a reference to a data set: find the source, decode it once, open the cache after that."""

import logging
from dataclasses import replace
from pathlib import Path

from autotrick.data import cache, digits, folder, idx, parquet, torchvision
from autotrick.data.catalogue import CIFAR10, find
from autotrick.data.dataset import Dataset, Located, Note, Size, lines
from autotrick.data.files import missing, placed
from autotrick.data.writing import write
from autotrick.errors import DataError
from autotrick.recipe import DataRef, digest_of

_log = logging.getLogger("autotrick.data")
"""Where the notes of a data set go whenever its source is read; commands show them."""

# Part of the index key: another layout or another way to decode must not find old entries.
_VERSION = 2


def load(ref: DataRef, *, data_dir: Path | None = None, cache_dir: Path | None = None) -> Dataset:
    """Return the data set, decoded, split and memory-mapped.

    What was left out of the source, and why, is in the data set's notes, and is logged as warnings
    of the logger `autotrick.data`. Decoding happens once for each source and set of options; then the cache answers, for as long
    as paths, sizes and times of the source's files stay.

    Args:
        ref: Which data set; with a fingerprint, exactly the one that was recorded. If that one is
            in the cache, the source is not needed.
        data_dir: Where files lie; relative paths in `ref.name` start there.
        cache_dir: Where decoded arrays go; the user's cache folder by default.

    Raises:
        DataError: Files are missing or damaged, or the fingerprint is not the recorded one.
        ResourceError: The cache's disk is full.
    """
    cached = cache_dir or cache.default_folder()
    recorded = cache.recall(ref.fingerprint, cached) if ref.fingerprint else None
    data = recorded or _from_source(ref, data_dir, cached)
    if ref.fingerprint and data.fingerprint != ref.fingerprint:
        raise DataError(
            f"{ref.name} has the fingerprint {data.fingerprint}, but {ref.fingerprint} was "
            "recorded: pixels, labels, class names or split differ. Bring the recorded data back, "
            "or start a new study."
        )
    return replace(data, name=ref.name)


def _from_source(ref: DataRef, data_dir: Path | None, cached: Path) -> Dataset:
    located = locate(ref, data_dir)
    options = ref.model_dump(mode="json", exclude={"fingerprint"})
    key = digest_of({"version": _VERSION, "stamp": located.stamp, **options})
    known = cache.known_source(key, cached)
    if known is not None and (data := cache.recall(known[0], cached)) is not None:
        return _noted(data, known[1])
    found = located.read()
    with cache.partial_folder(cached) as partial:
        fingerprint, manifest, copies = write(found, ref, partial)
        notes = (*located.notes, *found.notes(), *copies)
        cache.keep(partial, manifest, fingerprint, cached)
        cache.remember(key, fingerprint, notes, cached)
    return _noted(cache.open_cached(fingerprint, cached), notes)


def _noted(data: Dataset, notes: tuple[Note, ...]) -> Dataset:
    """Return a data set with its notes, after they were logged."""
    for line in lines(notes):
        _log.warning(line)
    return replace(data, notes=notes)


def locate(ref: DataRef, data_dir: Path | None) -> Located:
    """Return the source that `ref` names, after a look whether its files are there.

    Raises:
        DataError: The name is unknown, or files are missing.
    """
    find(ref.name)
    size = Size(ref.image_size, ref.resize)
    kind, _, path = ref.name.partition(":")
    if kind == "digits":
        return digits.locate(size)
    if kind == "folder":
        return folder.locate(placed(path, data_dir), size)
    if kind == "parquet":
        return parquet.locate_or_fail(placed(path, data_dir), size)
    if data_dir is None:
        raise DataError(f"{kind} is read from files. Give the folder they are in as --data-dir.")
    return _named(kind, data_dir, size)


def _named(name: str, data_dir: Path, size: Size) -> Located:
    names = CIFAR10 if name == "cifar10" else None
    looked_for = [f"{name}_train.parquet"]
    located = parquet.locate(data_dir / name, size, names=names)
    if located is None and name in idx.FOLDERS:
        located = idx.locate(name, data_dir, size)
        looked_for += [idx.PATTERN, f"{idx.FOLDERS[name]}/raw"]
    elif located is None:
        located = torchvision.locate(name, data_dir, size)
        looked_for.append(" and ".join(torchvision.READERS[name].paths))
    if located is None:
        raise missing(name, data_dir, looked_for)
    return located
