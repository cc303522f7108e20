"""From a reference to a data set: find the source, decode it once, open the cache after that."""

from dataclasses import replace
from pathlib import Path

from autotrick.data import cache, digits
from autotrick.data.catalogue import find
from autotrick.data.dataset import Dataset, Located
from autotrick.data.writing import write
from autotrick.errors import DataError
from autotrick.recipe import DataRef, digest_of

# Part of the index key: another layout or another way to decode must not find old entries.
_VERSION = 1


def load(ref: DataRef, *, data_dir: Path | None = None, cache_dir: Path | None = None) -> Dataset:
    """Return the data set, decoded, split and memory-mapped.

    Decoding happens once for each source and set of options; then the cache answers, for as long
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
    folder = cache_dir or cache.default_folder()
    recorded = cache.recall(ref.fingerprint, folder) if ref.fingerprint else None
    data = recorded or _from_source(ref, data_dir, folder)
    if ref.fingerprint and data.fingerprint != ref.fingerprint:
        raise DataError(
            f"{ref.name} has the fingerprint {data.fingerprint}, but {ref.fingerprint} was "
            "recorded: pixels, labels, class names or split differ. Bring the recorded data back, "
            "or start a new study."
        )
    return replace(data, name=ref.name)


def _from_source(ref: DataRef, data_dir: Path | None, folder: Path) -> Dataset:
    located = locate(ref, data_dir)
    options = ref.model_dump(mode="json", exclude={"fingerprint"})
    key = digest_of({"version": _VERSION, "stamp": located.stamp, **options})
    fingerprint = cache.known_fingerprint(key, folder)
    data = cache.recall(fingerprint, folder) if fingerprint else None
    if data is not None:
        return data
    found = located.read()
    with cache.partial_folder(folder) as partial:
        fingerprint, manifest = write(found, ref, partial)
        cache.keep(partial, manifest, fingerprint, folder)
        cache.remember(key, fingerprint, folder)
    return cache.open_cached(fingerprint, folder)


def locate(ref: DataRef, data_dir: Path | None) -> Located:
    """Return the source that `ref` names, after a look whether its files are there.

    Raises:
        DataError: The name is unknown, or files are missing.
    """
    find(ref.name)
    return digits.locate(ref.image_size)
