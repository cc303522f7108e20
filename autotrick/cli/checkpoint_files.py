"""Deleting the checkpoint files of a study."""

import os
import re
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from autotrick import trusted_locations
from autotrick.checkpoint_names import MAGIC, epoch_of
from autotrick.tune.checkpoints.storage import remove as remove_url


@dataclass(slots=True)
class Removal:
    """What was deleted of a study's files.

    Attributes:
        deleted: Number of files that were deleted; others were gone before.
        kept: Recorded paths that are not checkpoints of this study, each with the reason.
    """

    deleted: int = 0
    kept: list[tuple[str, str]] = field(default_factory=list)


def remove(paths: Iterable[str], mark: str) -> Removal:
    """Delete a study's checkpoints, and its folders if they are then empty.

    Other people can write to a shared database, so its paths are not trusted: only files that a search of
    this study writes, `STUDY-MARK/trial-N/epoch-M.checkpoint`, are deleted, and no link is followed.

    Args:
        mark: End of the name of the study's folder.

    Raises:
        ResourceError: A storage cannot be used.
    """
    removal = Removal()
    folders: set[Path] = set()
    for path in paths:
        if "://" not in path and not os.path.lexists(path.replace("\0", "")):
            continue
        if why := _why_foreign(path, mark):
            removal.kept.append((path, why))
        elif "://" in path:
            removal.deleted += remove_url(path)
        else:
            Path(path).unlink()
            removal.deleted += 1
            folders |= {Path(path).parent, Path(path).parent.parent}
    for folder in sorted(folders, key=lambda folder: -len(folder.parts)):
        with suppress(OSError):  # not empty: somebody else's files are in it
            folder.rmdir()
    return removal


def _why_foreign(path: str, mark: str) -> str:
    """Return why a path is not one of this study's checkpoints; empty if it is."""
    parts = PurePosixPath(path).parts
    named = len(parts) > 3 and ".." not in parts and "\0" not in path
    if not named or epoch_of(parts[-1]) is None:
        return "it is not named like a checkpoint"
    if not re.fullmatch(r"trial-\d+", parts[-2]) or not parts[-3].endswith(f"-{mark}"):
        return "it is outside the study's folder"
    if "://" in path:
        known = trusted_locations.is_own(path)
        return (
            "" if known else "no search of yours has used that storage from here; use its own tools"
        )
    return _why_no_file(path)


def _why_no_file(path: str) -> str:
    if not path.startswith("/"):
        return "it is not an absolute path"
    file = Path(path)
    try:
        if any(part.is_symlink() for part in (file, file.parent, file.parent.parent)):
            return "it is a link, or in a linked folder"
        if not file.is_file():
            return "it is not a file"
        with file.open("rb") as opened:
            return "" if opened.read(len(MAGIC)) == MAGIC else "it does not begin like a checkpoint"
    except OSError as error:
        return f"it cannot be read ({error.strerror or error})"
