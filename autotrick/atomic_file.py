"""Files that are there whole, or as they were before."""

import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path


@contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """Give a path to write to; what was written takes the file's place at the end.

    Whatever is no file of its own, a link or a device, is written to as it is.

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
    """Delete what killed processes have left of a file or a folder that is written beside its place.

    Args:
        start: What its name begins with; a number and `.partial` follow.
    """
    with suppress(OSError):
        for left in folder.iterdir():
            if left.name.startswith(start) and left.name.endswith(".partial"):
                with suppress(OSError):
                    if time.time() - left.stat().st_mtime > _STALE_S:
                        shutil.rmtree(left) if left.is_dir() else left.unlink()
