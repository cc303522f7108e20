"""Names of the files of an exported model, and how files and folders of it are written."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from autotrick.atomic_file import sweep
from autotrick.bounded_file import is_regular
from autotrick.errors import ResourceError

DESCRIPTION = "model.json"
SAFETENSORS = "model.safetensors"
WEIGHTS = "weights.pt"
PROGRAM = "model.pt2"
TORCHSCRIPT = "model.torchscript.pt"
ONNX = "model.onnx"
CARD = "README.md"
SCRIPT = "train.py"

ABOUT = {
    SAFETENSORS: "the weights that predict, as safetensors",
    WEIGHTS: "the same as a state dict for `torch.load(..., weights_only=True)`",
    PROGRAM: "the network as a `torch.export` program",
    TORCHSCRIPT: "the network as TorchScript",
    ONNX: "the network as ONNX",
    DESCRIPTION: "classes, image size, normalisation, recipe, metrics, checks",
    SCRIPT: "trains the recipe again, with PyTorch and torchvision only",
    CARD: "the model card",
}
"""What each file holds, in the order in which lists show them."""

FORMAT = "autotrick model"
VERSION = 1


@contextmanager
def whole_folder(folder: Path, *, replace: bool = False) -> Iterator[Path]:
    """Give a temporary folder to write into, which becomes `folder` at the end or disappears.

    Args:
        replace: Whether to replace an earlier exported model there.

    Raises:
        ResourceError: There is something else already, or it cannot be written.
    """
    check_place(folder, replace=replace)
    start = f".{folder.name[:40]}."
    partial = folder.with_name(f"{start}{os.getpid()}.partial")
    old = folder.with_name(f"{start}{os.getpid()}.old.partial")
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        sweep(folder.parent, start)
        shutil.rmtree(partial, ignore_errors=True)
        partial.mkdir()
        yield partial
        if folder.exists():
            folder.replace(old)
        partial.replace(folder)
    except OSError as error:
        raise ResourceError(
            f"{folder.absolute()} cannot be written: {error.strerror or error}. Give another folder."
        ) from error
    finally:
        shutil.rmtree(partial, ignore_errors=True)
        shutil.rmtree(old, ignore_errors=True)


def check_place(folder: Path, *, replace: bool) -> None:
    """Raise ResourceError unless a model may be written to a folder.

    With `replace`, only an earlier export or an empty folder is replaced, never other files.

    Raises:
        ResourceError: There is something already.
    """
    where = folder.absolute()
    if not folder.name or folder.is_symlink():
        raise ResourceError(f"{where} cannot be replaced by a folder. Give a new name.")
    if not os.path.lexists(folder):
        return
    if not folder.is_dir():
        raise ResourceError(f"{where} is a file, and the model is a folder. Give another name.")
    if not any(folder.iterdir()):
        return
    if not is_exported(folder):
        raise ResourceError(
            f"{where} has other files than an exported model, which are not replaced. Give a new name."
        )
    if not replace:
        raise ResourceError(
            f"{where} has an exported model already. Replace it with --force, or give a new name."
        )


def is_exported(folder: Path) -> bool:
    """Return whether a folder holds an exported model."""
    path = folder / DESCRIPTION
    try:
        return (
            is_regular(path)
            and json.loads(path.read_bytes()[: 2**24]).get("format") == FORMAT
            and {entry.name for entry in folder.iterdir()} <= ABOUT.keys()
        )
    except (OSError, ValueError, AttributeError):
        return False


def facts_of(path: Path) -> dict[str, str | int]:
    """Return size and SHA-256 of a file."""
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return {"bytes": path.stat().st_size, "sha256": digest}
