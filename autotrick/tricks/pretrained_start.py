"""Pretrained start: start from published weights that were trained on other images.

The file was published by torchvision or timm for the network, or saved from one: a state dict in
torch or safetensors format. autotrick never downloads it; fetch it once with the library or by hand.
A bare file name is also searched in torch.hub's folder. The checksum (torchvision's file names end
with its first digits) makes the recipe determine the result. Entries of the file are copied to the
weights and running statistics of the same name and shape. Others, such as an output layer for other
classes, keep their initial values. The networks of torchvision and timm get a smaller first layer for
small images; published weights of the first layer fit only with `small_stem = "no"`.

Differs: images are normalised by the mean and deviation of the data set, not of the images that the
weights were trained on.
"""

from __future__ import annotations

import hashlib
import io
import pickle
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from autotrick.bounded_file import is_regular, read_bounded
from autotrick.errors import RecipeError
from autotrick.lazy import torch
from autotrick.tricks.base import Run, Trick, setting
from autotrick.tricks.declare import checksum_setting, expect_checksum
from autotrick.tricks.papers import KORNBLITH_2019_TRANSFER, YOSINSKI_2014_TRANSFERABLE
from autotrick.tricks.rules import Text

if TYPE_CHECKING:
    from torch import Tensor
    from torch.nn import Module

LARGEST = 2**35
"Limit the size of a weight file that is read, 32 GiB."
_DRAWN = "it also sets the initial weights"


@dataclass(frozen=True, kw_only=True)
class PretrainedStart(Trick):
    """Start from published weights in a file, as far as they fit."""

    name = "pretrained_start"
    excludes = {
        "initialisation": _DRAWN,
        "shallow_start": "both set the weights of the first layers",
        "whitening": _DRAWN,
        "zero_init_norm": _DRAWN,
    }
    papers = (YOSINSKI_2014_TRANSFERABLE, KORNBLITH_2019_TRANSFER)
    # Must run before the network is changed, while its parts have their published names.
    position = 5
    expert = False

    weights: str = setting(
        "",
        "File of published weights for this architecture; empty is off.",
        neutral="",
        rule=Text("the path of a file, or its name in torch.hub's folder"),
    )
    checksum: str = checksum_setting()

    def on_model(self, model: Module, run: Run) -> Module:
        given, taking = read(self.weights, self.checksum), model.state_dict()
        fitting = {
            name: tensor
            for name, tensor in given.items()
            if name in taking and tensor.shape == taking[name].shape
        }
        if fitting.keys().isdisjoint(name for name, _ in model.named_parameters()):
            raise RecipeError(
                f"pretrained_start: no weight of {self.weights} matches name and shape of a weight of "
                f"{run.recipe.architecture}. Give the file of the same architecture."
            )
        for name, tensor in fitting.items():
            taking[name].copy_(tensor)
        run.notes[f"{self.name}.tensors"] = len(fitting)
        run.notes[f"{self.name}.left"] = len(taking) - len(fitting)
        return model


def read(name: str, checksum: str) -> dict[str, Tensor]:
    """Return the tensors of a weight file by name.

    Args:
        name: Path of the file, or its name in torch.hub's folder.
        checksum: The first digits of the file's SHA-256, in hex.

    Raises:
        RecipeError: The file is missing, has another checksum, or contains no weights.
    """
    path = located(name)
    try:
        content = read_bounded(path, LARGEST)
    except OSError as error:
        raise RecipeError(f"{path} cannot be read: {error.strerror}.") from error
    expect_checksum(path, hashlib.sha256(content).hexdigest(), checksum)
    tensors = {
        key: value
        for key, value in _state(_loaded(path, content)).items()
        if isinstance(value, torch.Tensor)
    }
    if not tensors:
        raise RecipeError(f"{path} holds no weights by name. Give a state dict.")
    return tensors


def located(name: str) -> Path:
    """Return the path of a weight file.

    Raises:
        RecipeError: There is no such file.
    """
    cached = Path(torch.hub.get_dir()) / "checkpoints"
    places = [Path(name).expanduser()]
    if Path(name).name == name:
        places.append(cached / name)
    for path in places:
        if is_regular(path):
            return path
    looked = " nor ".join(str(path) for path in places)
    raise RecipeError(f"no weights at {looked}. Fetch the file first; nothing is downloaded here.")


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
