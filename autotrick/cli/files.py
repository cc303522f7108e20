"""Files that a study leaves behind."""

from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from autotrick.tune.storage import remove as remove_url


def remove(paths: Iterable[str]) -> int:
    """Delete the files that are on this machine, and folders that are empty then; return how many.

    A checkpoint's folder is its trial's, and that one's is its study's.
    """
    count = 0
    folders: set[Path] = set()
    for kept in paths:
        if "://" in kept:
            count += remove_url(kept)
            continue
        path = Path(kept)
        if path.is_file():
            path.unlink()
            count += 1
            folders |= {path.parent, path.parent.parent}
    for folder in sorted(folders, key=lambda folder: -len(folder.parts)):
        with suppress(OSError):  # not empty: somebody else's files are in it
            folder.rmdir()
    return count
