"""Shake-Shake: residual blocks with two randomly mixed branches, for 32-pixel images.

This is the network with 26 layers, "26 2x96d" at the default: 26.2 million weights. In training, the
outputs of a block's branches are mixed by a share drawn for every image and the gradients by another
share; in evaluation each has weight one half. Where the channels grow, the shortcut has two halves,
one for even and one for odd pixels.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from autotrick.domain import Choice
from autotrick.lazy import functional, nn, torch
from autotrick.models.base import Architecture, Shape
from autotrick.tricks.base import Setting
from autotrick.tricks.papers import GASTALDI_2017_SHAKE_SHAKE
from autotrick.tricks.rules import Range

if TYPE_CHECKING:
    from torch import Tensor
    from torch.nn import Module

_BLOCKS = 4
_FIRST = 16


def _branch(before: int, channels: int, stride: int) -> Module:
    return nn.Sequential(
        nn.ReLU(),
        nn.Conv2d(before, channels, 3, stride, padding=1, bias=False),
        nn.BatchNorm2d(channels),
        nn.ReLU(),
        nn.Conv2d(channels, channels, 3, padding=1, bias=False),
        nn.BatchNorm2d(channels),
    )


@cache
def _shortcut() -> type[Module]:
    class Shortcut(nn.Module):
        """Take half of the channels from every kept pixel and half from its lower right neighbour."""

        def __init__(self, before: int, channels: int, stride: int) -> None:
            super().__init__()
            self.relu = nn.ReLU()
            self.even = nn.Conv2d(before, channels // 2, 1, bias=False)
            self.odd = nn.Conv2d(before, channels - channels // 2, 1, bias=False)
            self.norm = nn.BatchNorm2d(channels)
            self.stride = stride

        def forward(self, images: Tensor) -> Tensor:
            images = self.relu(images)
            moved = functional.pad(images, (0, 1, 0, 1))[:, :, 1:, 1:]
            even, odd = (part[:, :, :: self.stride, :: self.stride] for part in (images, moved))
            mapped: Tensor = self.norm(torch.cat((self.even(even), self.odd(odd)), 1))
            return mapped

    return Shortcut


@cache
def _block() -> type[Module]:
    class Block(nn.Module):
        """Two branches with a shortcut."""

        def __init__(self, before: int, channels: int, stride: int) -> None:
            super().__init__()
            self.one = _branch(before, channels, stride)
            self.other = _branch(before, channels, stride)
            same = before == channels and stride == 1
            self.short = nn.Identity() if same else _shortcut()(before, channels, stride)

        def forward(self, images: Tensor) -> Tensor:
            one, other = self.one(images), self.other(images)
            mixed: Tensor = self.short(images) + mix(one, other, training=self.training)
            return mixed

    return Block


def mix(one: Tensor, other: Tensor, *, training: bool) -> Tensor:
    """Return a weighted mean of (N, ...) values whose gradient uses separate weights.

    Args:
        one: Values that get the drawn share.
        other: Values that get the rest.
        training: Whether to draw shares for each image; otherwise both are a half.
    """
    if not training:
        return (one + other) / 2
    shape = (2, len(one), *[1] * (one.ndim - 1))
    forward, backward = torch.rand(shape, device=one.device, dtype=one.dtype)
    apart = one - other
    mixed: Tensor = other + backward * apart + ((forward - backward) * apart).detach()
    return mixed


def _make(settings: dict[str, Any], shape: Shape) -> Module:
    layers: list[Module] = [
        nn.Conv2d(shape.channels, _FIRST, 3, padding=1, bias=False),
        nn.BatchNorm2d(_FIRST),
    ]
    before = _FIRST
    for stage in range(3):
        channels = settings["base_channels"] * 2**stage
        for i in range(_BLOCKS):
            layers.append(_block()(before, channels, 2 if stage and i == 0 else 1))
            before = channels
    model = nn.Sequential(
        *layers, nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(before, shape.classes)
    )
    for module in model.modules():
        if isinstance(module, nn.Conv2d):
            nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")
    return model


SHAKE_SHAKE = Architecture(
    name="shake_shake",
    summary="Twelve residual blocks of two randomly mixed branches, 26 layers, for CIFAR-10",
    papers=(GASTALDI_2017_SHAKE_SHAKE,),
    settings=(
        Setting(
            name="base_channels",
            about="Channels of the first stage; the next stages have twice and four times as many.",
            default=96,
            domain=Choice((16, 32, 64)),
            rule=Range(2, 1024),
        ),
    ),
    make=_make,
)
