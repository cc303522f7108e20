"""Names and first bytes of checkpoint files, and where they are kept, for code that does not load torch."""

import re
from pathlib import Path

SUFFIX = ".checkpoint"
MAGIC = b"autotrick-checkpoint 1 "
Place = Path | str
"""A folder, or a URL such as `s3://bucket/files`."""

_NAME = re.compile(rf"epoch-(\d+){re.escape(SUFFIX)}")


def place_of(text: str) -> Place:
    """Return the place that a user or a record names."""
    return text.rstrip("/") if "://" in text else Path(text)


def epoch_of(name: str) -> int | None:
    """Return the number of epochs in a checkpoint's file name; None if it is not a checkpoint's."""
    match = _NAME.fullmatch(name)
    return int(match[1]) if match else None
