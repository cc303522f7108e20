"""The residual network with 20 layers for 32-pixel images.

Uses shortcuts of option A: where the side is halved, they take every other pixel and new channels are
zero, so shortcuts have no weights (269,722 weights for 10 classes of colour images).
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from autotrick.lazy import functional, nn
from autotrick.models.base import Architecture, Shape, scaled, width_setting
from autotrick.tricks.papers import HE_2016_RESNET

if TYPE_CHECKING:
    from torch import Tensor
    from torch.nn import Module

_BLOCKS = 3


@cache
def _block() -> type[Module]:
    class Block(nn.Module):
        """Two 3x3 convolutions with a shortcut."""

        def __init__(self, before: int, channels: int, stride: int) -> None:
            super().__init__()
            self.conv1 = nn.Conv2d(before, channels, 3, stride, padding=1, bias=False)
            self.bn1 = nn.BatchNorm2d(channels)
            self.conv2 = nn.Conv2d(channels, channels, 3, padding=1, bias=False)
            self.bn2 = nn.BatchNorm2d(channels)
            self.relu1, self.relu2 = nn.ReLU(), nn.ReLU()
            self.stride = stride
            self.added = channels - before

        def forward(self, images: Tensor) -> Tensor:
            inside = self.relu1(self.bn1(self.conv1(images)))
            inside = self.bn2(self.conv2(inside))
            short = images[:, :, :: self.stride, :: self.stride]
            if self.added:
                low = self.added // 2
                short = functional.pad(short, (0, 0, 0, 0, low, self.added - low))
            activated: Tensor = self.relu2(inside + short)
            return activated

    return Block


def _make(settings: dict[str, Any], shape: Shape) -> Module:
    stages = [scaled(channels, settings["width"]) for channels in (16, 32, 64)]
    layers: list[Module] = [
        nn.Conv2d(shape.channels, stages[0], 3, padding=1, bias=False),
        nn.BatchNorm2d(stages[0]),
        nn.ReLU(),
    ]
    before = stages[0]
    for number, channels in enumerate(stages):
        for i in range(_BLOCKS):
            layers.append(_block()(before, channels, 2 if number and i == 0 else 1))
            before = channels
    model = nn.Sequential(
        *layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(before, shape.classes)
    )
    for module in model.modules():
        if isinstance(module, nn.Conv2d):
            nn.init.kaiming_normal_(module.weight, nonlinearity="relu")
    return model


RESNET20 = Architecture(
    name="resnet20",
    summary="Nine residual blocks of 16, 32 and 64 channels, made for CIFAR-10",
    papers=(HE_2016_RESNET.at("section 4.2"),),
    settings=(width_setting("Factor on the channels of every layer; 1 gives 16, 32, 64."),),
    make=_make,
)
