"""Checkpoints: written atomically, verified on reading, and loaded without executing code.

A file consists of one header line (format, SHA-256 of the rest) and the output of `torch.save`. It
contains everything that an interrupted trial needs to end with the same weights as an uninterrupted
one.
"""

from __future__ import annotations

import errno
import hashlib
import io
import os
import pickle
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from autotrick.bounded_file import is_regular, read_bounded
from autotrick.checkpoint_names import MAGIC, SUFFIX, epoch_of
from autotrick.errors import ResourceError, TrainingError
from autotrick.recipe import Recipe

LARGEST = 2**35
"Limit the size of a checkpoint that is read, 32 GiB: a record may name any file."
_LARGE = 2**30
"Check files of at least this size before loading them into memory."
ABANDONED_S = 3600.0
"Seconds without a write after which a file is not considered in progress."


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """Describe a checkpoint file.

    Attributes:
        epoch: Number of completed epochs.
        checksum: SHA-256 of the content, in hex.
        bytes: Size of the file.
    """

    path: Path
    epoch: int
    checksum: str
    bytes: int


def save(folder: Path, epoch: int, content: dict[str, Any]) -> Checkpoint:
    """Write `folder/epoch-N.checkpoint` atomically.

    Raises:
        ResourceError: No space is left, or the folder is not writable.
    """
    buffer = io.BytesIO()
    torch.save(content, buffer)
    payload = buffer.getbuffer()
    checksum = hashlib.sha256(payload).hexdigest()
    path = at(folder, epoch)
    partial = path.with_suffix(f".partial-{os.getpid()}")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with partial.open("wb") as file:
            file.write(MAGIC + checksum.encode() + b"\n")
            file.write(payload)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)
    except OSError as error:
        with suppress(OSError):
            partial.unlink(missing_ok=True)
        raise ResourceError(_why_unwritten(error, folder, len(payload))) from error
    return Checkpoint(path, epoch, checksum, len(MAGIC) + len(checksum) + 1 + len(payload))


def at(folder: Path, epoch: int) -> Path:
    """Return the path of an epoch's checkpoint in a folder, or None."""
    return folder / f"epoch-{epoch}{SUFFIX}"


def load(path: Path, device: torch.device | None = None) -> dict[str, Any]:
    """Read a checkpoint's content onto a device; None is the CPU.

    Raises:
        TrainingError: The file is missing, too large, truncated or changed, or contains more than
            plain values.
    """
    try:
        whole = b"" if _is_damaged(path) else read_bounded(path, LARGEST, begins=MAGIC)
        header, _, payload = whole.partition(b"\n")
    except OSError as error:
        message = f"no checkpoint at {path} ({error.strerror}). Resume from an older one."
        raise TrainingError(message, reason="lost_checkpoint") from error
    if header != MAGIC + hashlib.sha256(payload).hexdigest().encode():
        message = f"the checkpoint {path} is damaged: its checksum does not match its content."
        raise TrainingError(message, reason="damaged_checkpoint")
    try:
        content: dict[str, Any] = torch.load(
            io.BytesIO(payload), weights_only=True, map_location=device or "cpu"
        )
    except pickle.UnpicklingError as error:
        message = f"the checkpoint {path} is refused: reading it would execute code."
        raise TrainingError(message, reason="damaged_checkpoint") from error
    return content


def _is_damaged(path: Path) -> bool:
    """Return whether a large file's checksum differs from its header; skip small files.

    A sparse file takes no disk space but would fill the memory.
    """
    if not is_regular(path) or not _LARGE <= path.stat().st_size <= LARGEST:
        return False
    with path.open("rb") as file:
        stated = file.readline(len(MAGIC) + 80)
        if not stated.startswith(MAGIC):
            return True
        stated = stated.removeprefix(MAGIC).strip()
        return hashlib.file_digest(file, "sha256").hexdigest().encode() != stated


def recipe_of(content: Mapping[str, Any], path: Path) -> Recipe:
    """Return the recipe that produced a checkpoint's content.

    Raises:
        TrainingError: It was written before checkpoints carried their recipe.
    """
    if "recipe_json" not in content:
        message = f"the checkpoint {path} does not contain its recipe. Train the trial again."
        raise TrainingError(message, reason="old_checkpoint")
    try:
        return Recipe.model_validate_json(content["recipe_json"])
    except ValueError as error:
        message = f"the checkpoint {path} contains a recipe that this autotrick cannot read."
        raise TrainingError(message, reason="damaged_checkpoint") from error


def checksum(path: Path) -> str:
    """Return the checksum in a checkpoint's header, in hex; `load` verifies it."""
    with path.open("rb") as file:
        return file.readline().removeprefix(MAGIC).decode().strip()


def newest(folder: Path, device: torch.device | None = None) -> tuple[Path, dict[str, Any]] | None:
    """Return the newest undamaged checkpoint of a folder and its content, or None.

    Reads each file only once, because checking a file means reading all of it.
    """
    for path in _by_age(folder):
        with suppress(TrainingError):
            return path, load(path, device)
    return None


def prune(folder: Path, *, keep: int, spared: int | None = None) -> None:
    """Delete all but the newest `keep` checkpoints, and leftovers of interrupted writes.

    Keeps recently written files: they may belong to another process that does not know yet that it
    lost its trial.

    Args:
        spared: An epoch whose checkpoint to keep as well.
    """
    for path in _by_age(folder)[keep:]:
        if spared is None or path != at(folder, spared):
            path.unlink(missing_ok=True)
    for path in folder.glob("*.partial-*"):
        with suppress(FileNotFoundError):
            if time.time() - path.stat().st_mtime > ABANDONED_S:
                path.unlink()


def _by_age(folder: Path) -> list[Path]:
    """Return the checkpoints, latest epoch first."""
    found = [(epoch_of(path.name), path) for path in folder.glob("*")]
    known = [(epoch, path) for epoch, path in found if epoch is not None]
    return [path for _, path in sorted(known, reverse=True)]


def _why_unwritten(error: OSError, folder: Path, size: int) -> str:
    need = f"{size / 1e6:.1f} MB"
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return f"no space left for a checkpoint of {need} in {folder}. Free some, then resume."
    return f"cannot write a checkpoint of {need} to {folder}: {error.strerror}."
