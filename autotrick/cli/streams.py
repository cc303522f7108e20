"""Standard output and error of the command: what reaches the terminal, and what happens when it is gone."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from io import TextIOWrapper
from typing import TextIO, cast

from autotrick.terminal import PrintableStream


@contextmanager
def printable_output() -> Iterator[None]:
    """Remove control characters from everything that is printed, whoever prints it."""
    streams = sys.stdout, sys.stderr
    sys.stdout, sys.stderr = (
        cast("TextIO", PrintableStream(stream)) if stream and not hasattr(stream, "raw") else stream
        for stream in streams
    )
    try:
        yield
    finally:
        sys.stdout, sys.stderr = streams
        _drop_unread_output()


def replace_unknown_letters() -> None:
    """Print `?` for letters that the terminal's encoding lacks, instead of failing."""
    for stream in (sys.stdout, sys.stderr):
        stream = getattr(stream, "raw", stream)
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="replace")


def drop_unwritable_output() -> None:
    """Drop output that cannot be written: Python would try again at its end, and complain."""
    try:
        sys.stdout.flush()
    except OSError:
        _discard(sys.stdout)


def _drop_unread_output() -> None:
    """Drop output whose reader has gone, as `head` does: Python would complain at its end."""
    for stream in filter(None, (sys.stdout, sys.stderr)):
        try:
            stream.flush()
        except BrokenPipeError:
            _discard(stream)
        except (OSError, ValueError):
            continue  # Python says what it is, or the stream is closed


def _discard(stream: TextIO) -> None:
    """Send a stream to nowhere from now on."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
