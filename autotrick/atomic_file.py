"""Write files atomically: readers see the old content or all of the new."""

import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path


@contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """Give a temporary path to write to, and replace the file by it at the end.

    A link or a device is written in place.

    Raises:
        OSError: It cannot be written.
    """
    if path.is_symlink() or (path.exists() and not path.is_file()):
        yield path
        return
    # As long a name as the file's own would leave no room for what is added.
    start = f".{path.name[:40]}."
    sweep(path.parent, start)
    partial = path.with_name(f"{start}{os.getpid()}.partial")
    try:
        yield partial
        partial.replace(path)
    finally:
        with suppress(OSError):
            partial.unlink()


_STALE_S = 24 * 3600
"""So long ago a file was written last that is not written any more: its process was killed."""


def sweep(folder: Path, start: str) -> None:
    """Delete temporary files and folders that killed processes have left.

    Args:
        start: Beginning of their names; a number and `.partial` follow.
    """
    with suppress(OSError):
        for left in folder.iterdir():
            if left.name.startswith(start) and left.name.endswith(".partial"):
                with suppress(OSError):
                    if time.time() - left.stat().st_mtime > _STALE_S:
                        shutil.rmtree(left) if left.is_dir() else left.unlink()
