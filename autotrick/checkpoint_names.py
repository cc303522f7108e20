"""How checkpoint files are called and how they begin; for those who do not read them, without torch."""

import re

SUFFIX = ".checkpoint"
MAGIC = b"autotrick-checkpoint 1 "

_NAME = re.compile(rf"epoch-(\d+){re.escape(SUFFIX)}")


def epoch_of(name: str) -> int | None:
    """Return the epochs that a file of this name has behind it; None if it is not a checkpoint's."""
    match = _NAME.fullmatch(name)
    return int(match[1]) if match else None
