"""Copy a cached data set to another cache: in pieces, checked, once a machine."""

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from filelock import FileLock

from autotrick.data import cache
from autotrick.data.dataset import Dataset
from autotrick.data.decode_to_cache import fingerprint_of
from autotrick.errors import DataError

PIECE = 64 * 2**20
"""Bytes that travel at a time."""

Piece = Callable[[str, int], bytes]
"""Returns up to PIECE bytes of a file of the data set, from an offset on; empty at its end."""


def manifest(fingerprint: str, cache_dir: Path) -> dict[str, Any]:
    """Return the manifest of a cached data set.

    Raises:
        DataError: It is not in the cache, or it is damaged there.
    """
    cache.open_cached(fingerprint, cache_dir)
    found: dict[str, Any] = json.loads((cache_dir / fingerprint / cache.MANIFEST).read_text())
    return found


def piece(fingerprint: str, cache_dir: Path, name: str, offset: int) -> bytes:
    """Return up to PIECE bytes of one of its files."""
    with (cache_dir / fingerprint / name).open("rb") as file:
        file.seek(offset)
        return file.read(PIECE)


def once(fingerprint: str, cache_dir: Path, bring: Callable[[], Dataset]) -> Dataset:
    """Return the data set, fetching it only if the cache lacks it.

    One process of a machine fetches it, and the others wait.
    """
    cache_dir.mkdir(parents=True, exist_ok=True)
    with FileLock(cache_dir / f".{fingerprint}.lock"):
        return cache.recall(fingerprint, cache_dir) or bring()


def receive(fingerprint: str, cache_dir: Path, sent: dict[str, Any], pieces: Piece) -> Dataset:
    """Write a data set into the cache from its pieces, and open it there.

    Args:
        sent: Its manifest.

    Raises:
        DataError: The data that arrived have another fingerprint.
        ResourceError: The cache's disk is full.
    """
    with cache.partial_folder(cache_dir) as partial:
        for name in sent["bytes"]:
            _write(partial / name, name, pieces)
        found = fingerprint_of(partial, sent)
        if found != fingerprint:
            raise DataError(
                f"data set {fingerprint} arrived as {found}. Remove it from the cache that it was "
                "sent from, and load it there again."
            )
        cache.keep(partial, sent, fingerprint, cache_dir)
    return cache.open_cached(fingerprint, cache_dir)


def _write(path: Path, name: str, pieces: Piece) -> None:
    with path.open("wb") as file:
        while content := pieces(name, file.tell()):
            file.write(content)
        file.flush()
        os.fsync(file.fileno())
