"""Names and first bytes of checkpoint files, for code that does not load torch."""

import re

SUFFIX = ".checkpoint"
MAGIC = b"autotrick-checkpoint 1 "

_NAME = re.compile(rf"epoch-(\d+){re.escape(SUFFIX)}")


def epoch_of(name: str) -> int | None:
    """Return the number of epochs in a checkpoint's file name; None if it is not a checkpoint's."""
    match = _NAME.fullmatch(name)
    return int(match[1]) if match else None
