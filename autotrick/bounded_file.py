"""Read files that a record or a recipe names, which may be anything: a device, a pipe, a terabyte."""

import errno
import os
import stat
from pathlib import Path


def read_bounded(path: Path, most: int, *, begins: bytes = b"") -> bytes:
    """Return the content of a regular file; only its beginning if that is not as expected.

    Args:
        most: Maximum size in bytes.
        begins: Expected first bytes; the rest is read only after them.

    Raises:
        OSError: It is missing, is not a regular file, is larger, or cannot be read.
    """
    # Without O_NONBLOCK the opening of a pipe waits for somebody who writes to it.
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except ValueError as error:  # a NUL in the name
        raise OSError(errno.EINVAL, "not a file's name", str(path)) from error
    with os.fdopen(descriptor, "rb") as file:
        facts = os.fstat(descriptor)
        if stat.S_ISDIR(facts.st_mode):
            raise OSError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
        if not stat.S_ISREG(facts.st_mode):
            raise OSError(errno.EINVAL, "not a regular file", str(path))
        first = file.read(len(begins))
        if first != begins:
            return first
        if facts.st_size > most:
            why = f"{facts.st_size:,} bytes are more than the {most:,} that are read"
            raise OSError(errno.EFBIG, why, str(path))
        return first + file.read(facts.st_size)


def is_regular(path: Path) -> bool:
    """Return whether there is a regular file, or a link to one; False for any impossible name."""
    try:
        return path.is_file()
    except (OSError, ValueError):
        return False


def local_file(name: str) -> Path | None:
    """Return the regular file that a path or a `file://` URL names; None if it is not on this machine."""
    path = Path(name.removeprefix(_LOCAL))
    return path if is_regular(path) else None


_LOCAL = "file://"
