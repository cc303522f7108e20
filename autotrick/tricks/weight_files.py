"""Read files of published weights: state dicts in torch or safetensors format.

Reading executes no code of the file, and nothing is downloaded here.
"""

from __future__ import annotations

import io
import pickle
from pathlib import Path
from typing import TYPE_CHECKING, Any

from autotrick.bounded_file import is_regular, read_bounded
from autotrick.errors import RecipeError
from autotrick.lazy import torch

if TYPE_CHECKING:
    from torch import Tensor

LARGEST = 2**35
"Limit the size of a weight file that is read, 32 GiB."


def tensors_of(content: bytes, path: Path) -> dict[str, Tensor]:
    """Return the tensors in the bytes of a weight file by name.

    Args:
        path: Its suffix says the format; messages name it.

    Raises:
        RecipeError: These are no weights.
    """
    tensors = {
        key: value
        for key, value in _state(_loaded(path, content)).items()
        if isinstance(value, torch.Tensor)
    }
    if not tensors:
        raise RecipeError(f"{path} holds no weights by name. Give a state dict.")
    return tensors


def read_content(path: Path) -> bytes:
    """Return the bytes of a weight file.

    Raises:
        RecipeError: The file cannot be read.
    """
    try:
        return read_bounded(path, LARGEST)
    except OSError as error:
        raise RecipeError(f"{path} cannot be read: {error.strerror}.") from error


def located(name: str, further: str = "Fetch the file first; nothing is downloaded here.") -> Path:
    """Return the path of a weight file.

    Args:
        name: Path of the file, or its name in torch.hub's folder.
        further: What to do about a missing file, in a sentence.

    Raises:
        RecipeError: There is no such file.
    """
    places = [Path(name).expanduser()]
    if Path(name).name == name:
        places.append(hub_folder() / name)
    for path in places:
        if is_regular(path):
            return path
    looked = " nor ".join(str(path) for path in places)
    raise RecipeError(f"no weights at {looked}. {further}")


def hub_folder() -> Path:
    """Return the folder where torch.hub, and with it torchvision and timm, keep weight files."""
    return Path(torch.hub.get_dir()) / "checkpoints"


def _loaded(path: Path, content: bytes) -> Any:
    """Return the contents of a file without executing code from it."""
    if path.suffix == ".safetensors":
        from safetensors import SafetensorError
        from safetensors.torch import load

        try:
            return load(content)
        except SafetensorError as error:
            raise RecipeError(f"{path} cannot be read as safetensors: {error}.") from None
    try:
        return torch.load(io.BytesIO(content), weights_only=True, map_location="cpu")
    except (pickle.UnpicklingError, RuntimeError, EOFError, ValueError):
        raise RecipeError(
            f"{path} cannot be read as weights without executing code of it. Give a state dict."
        ) from None


def _state(content: Any) -> dict[str, Any]:
    """Return the state dict, which the libraries' scripts store next to other values."""
    if not isinstance(content, dict):
        return {}
    for key in ("state_dict", "model"):
        if isinstance(content.get(key), dict):
            return dict(content[key])
    return content
