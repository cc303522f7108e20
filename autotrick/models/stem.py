"""Adapt networks for 224-pixel images to small images and other channels.

A network that halves its input several times before the first block gets 8x8 maps from a 32-pixel
image. With an ImageNet stem, a ResNet-34 stays near 60 % on CIFAR-100; with a 3x3 stem of stride 1
and no pool it reaches 76 to 77 % (timm issue 2481).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from autotrick.errors import RecipeError
from autotrick.lazy import nn, torch

if TYPE_CHECKING:
    from torch import Tensor
    from torch.nn import Conv2d, Module

_LARGEST_KERNEL = 7
# A deep stem (ResNet-C, Inception) has three convolutions before its pool. A pool after more
# convolutions belongs to the body.
_STEM_CONVOLUTIONS = 3


def shrink_stem(model: Module, name: str) -> None:
    """Make the first convolution 3x3 with stride 1 and remove the stem's pool, in place.

    Larger kernels are cropped to their centre and scaled as an initialisation by fan would. A network
    whose first convolution has stride 1 (VGG) does not change.

    Raises:
        RecipeError: The network starts in another way, for example by cutting the image into patches.
    """
    path, conv = _first_convolution(model, name)
    if tuple(conv.stride) == (1, 1):
        return
    side = conv.kernel_size[0]
    plain = type(conv) is nn.Conv2d or side == 3
    if tuple(conv.stride) != (2, 2) or not plain or not 3 <= side <= _LARGEST_KERNEL:
        raise RecipeError(
            f"{name}: the stem cannot be made small because its first layer is a {side}x{side} "
            f"convolution of stride {conv.stride[0]}. Set small_stem to 'no' and enlarge the "
            "images with image_size."
        )
    if side == 3:
        conv.stride = (1, 1)
    else:
        _put(model, path, _cut(conv))
    pool = _stem_pool(model)
    if pool:
        _put(model, pool, nn.Identity())


def adapt_channels(model: Module, channels: int, name: str) -> None:
    """Give the first convolution this many input channels, in place.

    Raises:
        RecipeError: The network has no convolution.
    """
    path, conv = _first_convolution(model, name)
    if conv.in_channels == channels:
        return
    made = nn.Conv2d(
        channels,
        conv.out_channels,
        cast("tuple[int, int]", conv.kernel_size),
        stride=cast("tuple[int, int]", conv.stride),
        padding=cast("str | tuple[int, int]", conv.padding),
        bias=conv.bias is not None,
    )
    _put(model, path, _filled(made, conv.weight[:, :channels], conv.bias))


def _first_convolution(model: Module, name: str) -> tuple[str, Conv2d]:
    for path, module in model.named_modules():
        if isinstance(module, nn.Conv2d):
            return path, module
    raise RecipeError(f"{name} has no convolution, so its stem cannot be adapted to the images.")


def _stem_pool(model: Module) -> str | None:
    seen = 0
    path: str
    for path, module in model.named_modules():
        seen += isinstance(module, nn.Conv2d)
        if seen > _STEM_CONVOLUTIONS:
            return None
        if isinstance(module, nn.MaxPool2d) and module.stride in (2, (2, 2)):
            return path
    return None


def _cut(conv: Conv2d) -> Conv2d:
    edge = (conv.kernel_size[0] - 3) // 2
    middle = conv.weight[:, :, edge : edge + 3, edge : edge + 3]
    made = nn.Conv2d(conv.in_channels, conv.out_channels, 3, padding=1, bias=conv.bias is not None)
    return _filled(made, middle * (conv.kernel_size[0] / 3), conv.bias)


def _filled(conv: Conv2d, weight: Tensor, bias: Tensor | None) -> Conv2d:
    with torch.no_grad():
        conv.weight.copy_(weight)
        if conv.bias is not None and bias is not None:
            conv.bias.copy_(bias)
    return conv


def _put(model: Module, path: str, module: Module) -> None:
    parent, _, child = path.rpartition(".")
    setattr(model.get_submodule(parent), child, module)
