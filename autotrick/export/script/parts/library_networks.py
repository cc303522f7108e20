"""Networks of torchvision and timm, fitted to small images and other channels."""

import timm
import torch
import torchvision
from torch import Tensor, nn


def torchvision_network(name: str, channels: int, classes: int, **options: bool) -> nn.Module:
    """Return a classifier of torchvision with random weights."""
    model = torchvision.models.get_model(name, weights=None, num_classes=classes, **options)
    return with_channels(model, channels)


def timm_network(name: str, channels: int, classes: int) -> nn.Module:
    """Return a classifier of timm with random weights."""
    model = timm.create_model(name, pretrained=False, num_classes=classes, in_chans=channels)
    return with_channels(model, channels)


def first_convolution(model: nn.Module) -> tuple[str, nn.Conv2d]:
    """Return the path of the first convolution, and the layer."""
    return next((p, m) for p, m in model.named_modules() if isinstance(m, nn.Conv2d))


def put(model: nn.Module, path: str, module: nn.Module) -> None:
    """Replace the module at a path."""
    parent, _, child = path.rpartition(".")
    setattr(model.get_submodule(parent), child, module)


def filled(conv: nn.Conv2d, weight: Tensor, bias: Tensor | None) -> nn.Conv2d:
    """Return the convolution with these weights."""
    with torch.no_grad():
        conv.weight.copy_(weight)
        if bias is not None:
            conv.bias.copy_(bias)
    return conv


def with_channels(model: nn.Module, channels: int) -> nn.Module:
    """Give the first convolution this many input channels."""
    path, conv = first_convolution(model)
    if conv.in_channels != channels:
        made = nn.Conv2d(
            channels,
            conv.out_channels,
            conv.kernel_size,
            stride=conv.stride,
            padding=conv.padding,
            bias=conv.bias is not None,
        )
        put(model, path, filled(made, conv.weight[:, :channels], conv.bias))
    return model


def with_small_stem(model: nn.Module) -> nn.Module:
    """Make the first convolution 3x3 with stride 1 and remove the stem's pool, for small images."""
    path, conv = first_convolution(model)
    if conv.stride == (1, 1):
        return model
    edge = (conv.kernel_size[0] - 3) // 2
    if edge:
        made = nn.Conv2d(
            conv.in_channels, conv.out_channels, 3, padding=1, bias=conv.bias is not None
        )
        middle = conv.weight[:, :, edge : edge + 3, edge : edge + 3]
        put(model, path, filled(made, middle * (conv.kernel_size[0] / 3), conv.bias))
    else:
        conv.stride = (1, 1)
    convolutions = 0
    for path, module in model.named_modules():
        convolutions += isinstance(module, nn.Conv2d)
        if convolutions > 3:
            break
        if isinstance(module, nn.MaxPool2d) and module.stride in (2, (2, 2)):
            put(model, path, nn.Identity())
            break
    return model
