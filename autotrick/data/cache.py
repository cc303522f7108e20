"""Data sets on disk: one folder a fingerprint, written whole, opened by memory map.

    <cache>/<fingerprint>/manifest.json, train_images.npy, train_labels.npy, validation_..., test_...
    <cache>/sources/<digest of source and options>.json    -> fingerprint and notes

A folder is written under a temporary name, synced and renamed, so a reader sees all of it or
nothing, and the first of two writers wins. If a file does not have the size that the manifest states, the
folder counts as absent.
"""

import errno
import json
import os
import shutil
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import numpy as np

from autotrick.data.dataset import Dataset, Note, Split
from autotrick.errors import DataError, ResourceError
from autotrick.tasks import CLASSIFICATION

MANIFEST = "manifest.json"
_PARTIAL = ".partial-"
_DAY = 86400
_ELSEWHERE = (
    "Set XDG_CACHE_HOME to a folder that can be written to, or name one with --cache where a search is "
    "started."
)
_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


def default_folder() -> Path:
    """Return `autotrick` in the user's cache folder (XDG base directory rules).

    Raises:
        ResourceError: The user has no home folder.
    """
    base = os.environ.get("XDG_CACHE_HOME", "")
    if Path(base).is_absolute():
        return Path(base) / "autotrick"
    try:
        return Path.home() / ".cache" / "autotrick"
    except RuntimeError:  # no HOME, and no entry of this user in the system's list
        raise ResourceError(f"the user has no home folder for a data cache. {_ELSEWHERE}") from None


def open_cached(fingerprint: str, cache_dir: Path | str | None = None) -> Dataset:
    """Open a data set that `load` cached, without decoding: what a worker does.

    Raises:
        DataError: It is not in the cache, or it is damaged there.
    """
    folder = Path(cache_dir) if cache_dir else default_folder()
    data = recall(fingerprint, folder)
    if data is None:
        raise DataError(
            f"no data set with fingerprint {fingerprint!r} is in {folder}, or it is damaged. "
            "Load it on this machine first."
        )
    return data


def recall(fingerprint: str, cache_dir: Path) -> Dataset | None:
    """Return the cached data set; None when it is absent or damaged."""
    folder = cache_dir / fingerprint
    try:
        manifest = json.loads((folder / MANIFEST).read_text())
        for name, size in manifest["bytes"].items():
            if (folder / name).stat().st_size != size:
                return None
        splits = {name: _open_split(folder, name) for name in manifest["splits"]}
        return Dataset(
            name=manifest["name"],
            fingerprint=fingerprint,
            classes=tuple(manifest["classes"]),
            train=splits["train"],
            validation=splits["validation"],
            test=splits.get("test"),
            mean=np.array(manifest["mean"], np.float32),
            std=np.array(manifest["std"], np.float32),
            carved=manifest["carved"],
            task=manifest.get("task", CLASSIFICATION.name),
        )
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _open_split(folder: Path, name: str) -> Split:
    images = np.load(folder / f"{name}_images.npy", mmap_mode="r", allow_pickle=False)
    labels = np.load(folder / f"{name}_labels.npy", allow_pickle=False)
    if images.dtype != np.uint8 or images.ndim != 4 or labels.shape[:1] != images.shape[:1]:
        raise ValueError(name)
    return Split(images, labels)


def keep(partial: Path, manifest: dict[str, Any], fingerprint: str, cache_dir: Path) -> None:
    """Turn a finished temporary folder into the cached data set of this fingerprint."""
    manifest["bytes"] = {file.name: file.stat().st_size for file in sorted(partial.iterdir())}
    _write_synced(partial / MANIFEST, manifest)
    _sync(partial)
    final = cache_dir / fingerprint
    # Once per rival that puts a damaged folder back in between; three is more than enough.
    for _ in range(3):
        with suppress(OSError):
            partial.rename(final)
            _sync(cache_dir)
            return
        if recall(fingerprint, cache_dir) is not None:
            return
        with (
            suppress(FileNotFoundError),
            tempfile.TemporaryDirectory(prefix=_PARTIAL, dir=cache_dir) as aside,
        ):
            final.rename(Path(aside) / "damaged")
    raise ResourceError(f"{final} cannot be written. Remove it, or choose another cache folder.")


@contextmanager
def partial_folder(cache_dir: Path) -> Iterator[Path]:
    """Give a temporary folder in the cache; remove what is left of it at the end.

    Raises:
        ResourceError: The disk is full, or the cache cannot be written to.
    """
    try:
        cache_dir.mkdir(parents=True, exist_ok=True)
        _remove_leftovers(cache_dir)
        folder = Path(tempfile.mkdtemp(prefix=_PARTIAL, dir=cache_dir))
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)
    except OSError as error:
        where = f"while caching a data set in {cache_dir}"
        if error.errno in _FULL:
            message = f"no space left on device {where}. Free some. {_ELSEWHERE}"
        else:
            message = f"{error.strerror or error} {where}. {_ELSEWHERE}"
        raise ResourceError(message) from None


def _remove_leftovers(cache_dir: Path) -> None:
    """Remove temporary folders that killed processes left, after a day."""
    for folder in cache_dir.glob(f"{_PARTIAL}*"):
        with suppress(FileNotFoundError):
            if time.time() - folder.stat().st_mtime > _DAY:
                shutil.rmtree(folder, ignore_errors=True)


def recorded_source(key: str, cache_dir: Path) -> tuple[str, tuple[Note, ...]] | None:
    """Return the recorded fingerprint and notes of this source with these options."""
    try:
        recorded = json.loads((cache_dir / "sources" / f"{key}.json").read_text())
        notes = tuple(Note.from_json(note) for note in recorded["notes"])
        return str(recorded["fingerprint"]), notes
    except (OSError, ValueError, KeyError, TypeError):
        return None


def remember(key: str, fingerprint: str, notes: Sequence[Note], cache_dir: Path) -> None:
    """Record the fingerprint and the notes of a source with its options."""
    folder = cache_dir / "sources"
    folder.mkdir(exist_ok=True)
    known = {"fingerprint": fingerprint, "notes": [note.to_json() for note in notes]}
    with tempfile.TemporaryDirectory(prefix=_PARTIAL, dir=cache_dir) as partial:
        entry = Path(partial) / "source.json"
        _write_synced(entry, known)
        entry.rename(folder / f"{key}.json")


def _write_synced(path: Path, value: dict[str, Any]) -> None:
    with path.open("w") as file:
        json.dump(value, file, indent=1)
        file.flush()
        os.fsync(file.fileno())


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
