"""Put pretrained weights into a network of torchvision or timm.

All weights and statistics of the file must be in the network and the other way round, except those
of the head, which keeps its random weights for the classes at hand. So a file of another network is
refused, and no part stays random unnoticed. The first convolution is adapted: for grey images the sum
of its weights over the colours, as timm does, and its centre if the recipe asks for a small stem.

Yosinski et al., "How transferable are features in deep neural networks?", NeurIPS 2014.
https://arxiv.org/abs/1411.1792
Kornblith et al., "Do Better ImageNet Models Transfer Better?", CVPR 2019.
https://arxiv.org/abs/1805.08974
"""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from autotrick.errors import RecipeError
from autotrick.lazy import nn, torch
from autotrick.models import weights
from autotrick.models.base import Shape
from autotrick.models.libraries import heads
from autotrick.tricks.weight_files import read_content, tensors_of

if TYPE_CHECKING:
    from torch import Tensor
    from torch.nn import Module

_FILTERS = ("checkpoint_filter_fn", "_filter_fn")
"Names of the functions by which timm's networks rename the weights of older files."
_AUXILIARY = re.compile(r"(aux\d*|AuxLogits)\.")
"Match further heads of GoogLeNet and Inception, which are built without them."
_DENSENET = re.compile(r"(.*denselayer\d+\.(?:norm|relu|conv))\.((?:[12])\..*)")
"Match names of torchvision's DenseNet files, which older versions of torch wrote."
_WRAPPERS = ("module.", "_orig_mod.")
"What DataParallel and torch.compile put before every name."


def load(model: Module, name: str, setting: bool | str, shape: Shape) -> None:
    """Put the weights that a setting names into a network, all but the head's.

    Args:
        name: The architecture's.
        setting: Its setting `pretrained`.

    Raises:
        RecipeError: There are no such weights, or they are of another network.
        ResourceError: They are not on this machine and cannot be fetched.
    """
    found = weights.find(name, setting)
    given = tensors_of(read_content(found.path), found.path)
    _fill(model, _renamed(given, model, name), heads(model, name, shape.classes), name, found)


def normalisation(name: str, setting: bool | str, channels: int) -> weights.Normalisation | None:
    """Return the normalisation that the weights of a setting expect; None for random weights.

    Raises:
        RecipeError: There are no such weights.
        ResourceError: They are not on this machine and cannot be fetched.
    """
    if setting is False:
        return None
    return weights.find(name, setting).normalisation.of_channels(channels)


def _renamed(given: Mapping[str, Tensor], model: Module, name: str) -> dict[str, Tensor]:
    """Return the tensors under the names that the network has today."""
    found = dict(given)
    for wrapper in _WRAPPERS:
        if all(key.startswith(wrapper) for key in found):
            found = {key.removeprefix(wrapper): tensor for key, tensor in found.items()}
    if name.startswith("torchvision/"):
        return {_DENSENET.sub(r"\1\2", key): tensor for key, tensor in found.items()}
    if found.keys() >= {key for key, _ in model.named_parameters()}:
        return found
    home = sys.modules[type(model).__module__]
    own: Any = next((getattr(home, each) for each in _FILTERS if hasattr(home, each)), None)
    try:
        return dict(own(found, model)) if own else found
    except (TypeError, KeyError, RuntimeError, ValueError, AttributeError):
        return found  # which is refused, with what does not fit


def _fill(
    model: Module,
    given: Mapping[str, Tensor],
    head: tuple[str, ...],
    name: str,
    source: weights.Weights,
) -> None:
    """Copy tensors into the network.

    Raises:
        RecipeError: A name or a shape differs outside the head.
    """
    taking = model.state_dict()
    under = tuple(f"{path}." for path in head)
    first = _first_convolution(model)
    body = {
        key: _adapted(tensor, taking[key]) if key == first and key in taking else tensor
        for key, tensor in given.items()
        if not key.startswith(under) and not _AUXILIARY.match(key)
    }
    wanted = {key for key in taking if not key.startswith(under)}
    # Files of before 2018 do not count batches.
    lacking = {key for key in wanted - body.keys() if not key.endswith("num_batches_tracked")}
    unlike = {key for key in wanted & body.keys() if body[key].shape != taking[key].shape}
    if wrong := sorted(lacking | unlike | (body.keys() - wanted)):
        raise RecipeError(
            f"the weights at {source.path} do not fit {name}: {_difference(wrong, body, taking)}. "
            "Give the file of the same architecture."
        )
    with torch.no_grad():
        for key in wanted & body.keys():
            taking[key].copy_(body[key])


def _difference(wrong: list[str], body: Mapping[str, Tensor], taking: Mapping[str, Tensor]) -> str:
    def shape(of: Mapping[str, Tensor], key: str) -> str:
        return "x".join(map(str, of[key].shape)) or "one number" if key in of else "not there"

    key = wrong[0]
    others = f", and {len(wrong) - 1} others differ" if len(wrong) > 1 else ""
    small = ""
    if key in body and key in taking and body[key].ndim == 4 == taking[key].ndim:
        sides = body[key].shape[-1], taking[key].shape[-1]
        if sides[0] == 3 < sides[1]:
            small = ". The file's network has a small stem: set small_stem to 'yes'"
    return f"{key} is {shape(body, key)} in the file and {shape(taking, key)} in the network{others}{small}"


def _first_convolution(model: Module) -> str:
    """Return the name of the weights of the first convolution; empty without one."""
    paths = (path for path, module in model.named_modules() if isinstance(module, nn.Conv2d))
    return f"{next(paths, '')}.weight"


def _adapted(tensor: Tensor, like: Tensor) -> Tensor:
    """Return a first convolution's weights for the channels and the kernel that the network has."""
    if tensor.ndim != 4 or like.ndim != 4:
        return tensor
    given, wanted = tensor.shape[1], like.shape[1]
    if (given, wanted) == (3, 1):
        tensor = tensor.sum(1, keepdim=True)
    elif (given, wanted) == (1, 3):
        tensor = tensor.expand(-1, 3, -1, -1) / 3
    side, small = tensor.shape[-1], like.shape[-1]
    if side > small == 3 and side % 2 and tensor.shape[-2] == side:
        edge = (side - small) // 2
        tensor = tensor[:, :, edge : edge + small, edge : edge + small] * (side / small)
    return tensor
