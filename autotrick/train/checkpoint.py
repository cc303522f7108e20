"""Checkpoints: written whole, checked when read, and loaded without executing code.

A file is one header line (format, SHA-256 of the rest) and the bytes of `torch.save`. It carries
all that an interrupted trial needs to end with the same weights as an uninterrupted one.
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
"""Bytes of a checkpoint that is read, 32 GiB: a record may name any file."""
_LARGE = 2**30
"""Bytes from which a checkpoint is checked before it is in memory."""
ABANDONED_S = 3600.0
"""A file that was not written to for so long is not being written any more."""


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A checkpoint file.

    Attributes:
        epoch: Epochs that it has behind it.
        checksum: SHA-256 of its content, in hex.
        bytes: Size of the file.
    """

    path: Path
    epoch: int
    checksum: str
    bytes: int


def save(folder: Path, epoch: int, content: dict[str, Any]) -> Checkpoint:
    """Write `folder/epoch-N.checkpoint` so that it is there whole or not at all.

    Raises:
        ResourceError: No space is left, or the folder cannot be written.
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
    """Return where a folder has the checkpoint of an epoch, if it has it."""
    return folder / f"epoch-{epoch}{SUFFIX}"


def load(path: Path, device: torch.device | None = None) -> dict[str, Any]:
    """Read a checkpoint's content onto a device; None is the CPU.

    Raises:
        TrainingError: The file is missing, too large, cut short, was changed, or holds more than plain
            values.
    """
    try:
        whole = b"" if _is_damaged(path) else read_bounded(path, LARGEST, begins=MAGIC)
        header, _, payload = whole.partition(b"\n")
    except OSError as error:
        message = f"no checkpoint at {path} ({error.strerror}). Resume from an older one."
        raise TrainingError(message, reason="lost_checkpoint") from error
    if header != MAGIC + hashlib.sha256(payload).hexdigest().encode():
        message = f"the checkpoint {path} is damaged: its checksum does not fit its content."
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
    """Return whether a large file has another checksum than its header says; small ones are just read.

    A file of holes takes no disk, and would take all memory.
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
    """Return the recipe that a checkpoint's content was trained by.

    Raises:
        TrainingError: It was written before checkpoints carried their recipe.
    """
    if "recipe_json" not in content:
        message = f"the checkpoint {path} does not say its recipe. Train the trial again."
        raise TrainingError(message, reason="old_checkpoint")
    try:
        return Recipe.model_validate_json(content["recipe_json"])
    except ValueError as error:
        message = f"the checkpoint {path} holds a recipe that this autotrick cannot read."
        raise TrainingError(message, reason="damaged_checkpoint") from error


def checksum(path: Path) -> str:
    """Return the checksum that a checkpoint's header states, in hex; `load` checks it."""
    with path.open("rb") as file:
        return file.readline().removeprefix(MAGIC).decode().strip()


def newest(folder: Path, device: torch.device | None = None) -> tuple[Path, dict[str, Any]] | None:
    """Return the newest undamaged checkpoint of a folder with its content, or None.

    Each file is read once: to check one is to read all of it.
    """
    for path in _by_age(folder):
        with suppress(TrainingError):
            return path, load(path, device)
    return None


def prune(folder: Path, *, keep: int, spared: int | None = None) -> None:
    """Delete all but the newest `keep` checkpoints, and what interrupted writes left.

    What was written to lately may be another process's that has not heard yet that its trial is
    not its own any more, and stays.

    Args:
        spared: An epoch whose checkpoint stays too.
    """
    for path in _by_age(folder)[keep:]:
        if spared is None or path != at(folder, spared):
            path.unlink(missing_ok=True)
    for path in folder.glob("*.partial-*"):
        with suppress(FileNotFoundError):
            if time.time() - path.stat().st_mtime > ABANDONED_S:
                path.unlink()


def _by_age(folder: Path) -> list[Path]:
    """Return the checkpoints, the latest epoch first."""
    found = [(epoch_of(path.name), path) for path in folder.glob("*")]
    known = [(epoch, path) for epoch, path in found if epoch is not None]
    return [path for _, path in sorted(known, reverse=True)]


def _why_unwritten(error: OSError, folder: Path, size: int) -> str:
    need = f"{size / 1e6:.1f} MB"
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return f"no space left for a checkpoint of {need} in {folder}. Free some, then resume."
    return f"cannot write a checkpoint of {need} to {folder}: {error.strerror}."
