"""Pretrained start: start from published weights that were trained on other images.

The file was published by torchvision or timm for the network, or saved from one: a state dict in
torch or safetensors format. autotrick never downloads it; fetch it once with the library or by hand.
A bare file name is also searched in torch.hub's folder. The checksum (torchvision's file names end
with its first digits) makes the recipe determine the result. Entries of the file are copied to the
weights and running statistics of the same name and shape. Others, such as an output layer for other
classes, keep their initial values. The networks of torchvision and timm get a smaller first layer for
small images; published weights of the first layer fit only with `small_stem = "no"`.

For networks of torchvision and timm the architecture's setting `pretrained` does more: it fetches the
weights, normalises images as they expect, and can freeze the first parts. This trick is for our own
architectures, and for comparing a start from a file with one from random weights as a trick.

Differs: images are normalised by the mean and deviation of the data set, not of the images that the
weights were trained on.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from autotrick.errors import RecipeError
from autotrick.tricks.base import Run, Trick, setting
from autotrick.tricks.declare import checksum_setting, expect_checksum
from autotrick.tricks.papers import KORNBLITH_2019_TRANSFER, YOSINSKI_2014_TRANSFERABLE
from autotrick.tricks.rules import Text
from autotrick.tricks.weight_files import located, read_content, tensors_of

if TYPE_CHECKING:
    from torch import Tensor
    from torch.nn import Module

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
    only_weights = True

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
    content = read_content(path)
    expect_checksum(path, hashlib.sha256(content).hexdigest(), checksum)
    return tensors_of(content, path)
