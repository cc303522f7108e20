"""Load a data set: find the source, decode it once, and open the cache from then on."""

import logging
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from autotrick import tasks
from autotrick.data import cache, cifar_binary, digits, folder, idx, own, parquet, torchvision
from autotrick.data.catalogue import CIFAR10, PYTHON, find
from autotrick.data.dataset import DECODING, LINKED, Dataset, Located, Note, Resizing, lines
from autotrick.data.decode_to_cache import write
from autotrick.data.duplicates import NEAR
from autotrick.data.files import escaped, missing, placed
from autotrick.data.fingerprint_mismatch import why_changed
from autotrick.errors import DataError
from autotrick.recipe import DataRef, digest_of

_log = logging.getLogger("autotrick.data")
"""Where the notes of a data set go whenever its source is read; commands show them."""

_LONGEST = 300
_NOTES = 2
"""Version of what is looked for in the images: 2 added near-duplicates. Another one decodes once more."""


def load(
    ref: DataRef, *, data_dir: Path | str | None = None, cache_dir: Path | str | None = None
) -> Dataset:
    """Return the data set, decoded, split and memory-mapped.

    The data set's notes say what was left out of the source, and why; the logger `autotrick.data` logs
    them as warnings. A source is decoded once for each set of options. From then on the cache
    answers, as long as paths, sizes and times of the source's files stay the same.

    Args:
        ref: Which data set; with a fingerprint, exactly the one that was recorded. If that one is
            in the cache, the source is not needed.
        data_dir: Where files lie; relative paths in `ref.name` start there.
        cache_dir: Where decoded arrays go; the user's cache folder by default.

    Raises:
        DataError: Files are missing or damaged, or the fingerprint is not the recorded one.
        ResourceError: The cache's disk is full.
    """
    data_dir = Path(data_dir) if data_dir else None
    cached = Path(cache_dir) if cache_dir else cache.default_folder()
    recorded = cache.recall(ref.fingerprint, cached) if ref.fingerprint else None
    data = recorded or _from_source(ref, data_dir, cached)
    if ref.fingerprint and data.fingerprint != ref.fingerprint:
        raise DataError(
            f"{ref.name} has the fingerprint {data.fingerprint}, but {ref.fingerprint} was "
            f"recorded: {_why_changed(ref, data.notes, data_dir, cached)}"
        )
    return replace(data, name=ref.name)


def check_same(
    recorded: DataRef, ref: DataRef, *, data_dir: Path | None = None, cache_dir: Path | None = None
) -> None:
    """Raise a DataError if a reference does not lead to the data that were recorded.

    Args:
        recorded: With the recorded fingerprint; without one, any data match.
        ref: With the fingerprint of the present data, which are in the cache.

    Raises:
        DataError: The message says why, as far as it is known.
    """
    if recorded.fingerprint in ("", ref.fingerprint):
        return
    cached = cache_dir or cache.default_folder()
    options = ref.model_copy(update={"fingerprint": ""})
    notes = load(options, data_dir=data_dir, cache_dir=cached).notes
    before = ref.model_copy(update={"fingerprint": recorded.fingerprint})
    raise DataError(
        f"{ref.name} has the fingerprint {ref.fingerprint} now, and {recorded.fingerprint} was "
        f"recorded: "
        f"{_why_changed(before, notes, data_dir, cached)}"
    )


def _why_changed(ref: DataRef, notes: Sequence[Note], data_dir: Path | None, cached: Path) -> str:
    return why_changed(ref, notes, lambda: locate(ref, data_dir, legacy=True).read(), cached)


def _from_source(ref: DataRef, data_dir: Path | None, cached: Path) -> Dataset:
    located = locate(ref, data_dir)
    options = ref.model_dump(mode="json", exclude={"fingerprint"})
    key = digest_of({"version": DECODING, "notes": _NOTES, "stamp": located.stamp, **options})
    known = cache.recorded_source(key, cached)
    linked = known is not None and any(note.kind == LINKED for note in known[1])
    if (
        known
        and not linked
        and not located.reread
        and (data := cache.recall(known[0], cached)) is not None
    ):
        return _noted(data, known[1])
    found = located.read()
    with cache.partial_folder(cached) as partial:
        fingerprint, manifest, copies = write(found, ref, partial)
        # Copies first: they make a result wrong, and of many notes the last ones are not shown.
        notes = (*copies, *located.notes, *found.notes())
        cache.keep(partial, manifest, fingerprint, cached)
        cache.remember(key, fingerprint, notes, cached)
    return _noted(cache.open_cached(fingerprint, cached), notes)


def _noted(data: Dataset, notes: tuple[Note, ...]) -> Dataset:
    """Return a data set with its notes, after they were logged."""
    tell(notes)
    return replace(data, notes=notes)


def tell(notes: Sequence[Note]) -> None:
    """Log the notes of a data set; commands show them on stderr.

    Nearly equal images are said by dry runs, reports and dashboards: some are in most data sets.
    """
    for line in lines([note for note in notes if note.kind not in NEAR]):
        _log.warning(line)


def locate(ref: DataRef, data_dir: Path | None, *, legacy: bool = False) -> Located:
    """Return the source that `ref` names, after checking that its files exist.

    Args:
        legacy: Whether to read them as earlier versions did, which ignored EXIF orientation.

    Raises:
        DataError: The name is unknown, or files are missing.
    """
    find(ref.name)
    try:
        return _located(ref, data_dir, Resizing(ref.image_size, ref.resize, legacy))
    except OSError as error:
        where = f": {escaped(error.filename)}" if error.filename else ""
        raise DataError(
            f"{escaped(ref.name)[:_LONGEST]} cannot be read: {error.strerror or error}"
            f"{where[:_LONGEST]}. Name files that are there and that you may read."
        ) from None
    except ValueError as error:
        raise DataError(
            f"{escaped(ref.name)[:_LONGEST]} is not the name of a file or folder: {error}."
        ) from None


def _located(ref: DataRef, data_dir: Path | None, size: Resizing) -> Located:
    kind, _, path = ref.name.partition(":")
    if kind == "digits":
        return digits.locate(size)
    if ref.name in own.sources() or kind == PYTHON:
        return own.locate(ref.name, data_dir, size, stamp=f"own code {ref.name}")
    if kind == "folder":
        return folder.locate(placed(path, data_dir), size)
    if kind == "parquet":
        return parquet.locate_or_fail(placed(path, data_dir), size)
    if (brought := tasks.source(kind)) is not None:
        found: Located = brought[1].locate(path, data_dir, size)
        return found
    if data_dir is None:
        raise DataError(f"{kind} is read from files. Give the folder they are in as --data-dir.")
    return _named(kind, data_dir, size)


def _named(name: str, data_dir: Path, size: Resizing) -> Located:
    names = CIFAR10 if name == "cifar10" else None
    looked_for = [f"{name}_train.parquet"]
    located = parquet.locate(data_dir / name, size, names=names)
    if located is None and name in idx.FOLDERS:
        located = idx.locate(name, data_dir, size)
        looked_for += [idx.PATTERN, f"{idx.FOLDERS[name]}/raw"]
    elif located is None:
        located = torchvision.locate(name, data_dir, size)
        looked_for.append(" and ".join(torchvision.READERS[name].paths))
        if located is None and name in cifar_binary.FOLDERS:
            located = cifar_binary.locate(name, data_dir, size)
            looked_for.append(cifar_binary.FOLDERS[name][0])
    if located is None:
        raise missing(name, data_dir, looked_for)
    return located
