"""Files that are there whole, or as they were before."""

import os
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
    partial = path.with_name(f".{path.name[:40]}.{os.getpid()}.partial")
    try:
        yield partial
        partial.replace(path)
    finally:
        with suppress(OSError):
            partial.unlink()
