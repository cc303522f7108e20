"""A small convolutional network that learns in few epochs, as used for training speed records.

Differs: this is a new, plain version on which tricks can be measured. The first layer is a trained
3x3 convolution without whitening, weights use torch's initialisation instead of identities, batch
normalisation keeps torch's momentum and a gain, and pools round up so that 8 px suffice.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from autotrick.lazy import nn
from autotrick.models.base import Architecture, Shape, scaled, width_setting
from autotrick.tricks.papers import JORDAN_2024_AIRBENCH

if TYPE_CHECKING:
    from torch import Tensor
    from torch.nn import Module

_HEAD_SCALE = 1 / 9


def _make(settings: dict[str, Any], shape: Shape) -> Module:
    stem, *blocks = (scaled(channels, settings["width"]) for channels in (24, 64, 256, 256))
    layers: list[Module] = [nn.Conv2d(shape.channels, stem, 3, padding=1), nn.GELU()]
    before = stem
    for channels in blocks:
        layers += [
            nn.Conv2d(before, channels, 3, padding=1, bias=False),
            nn.MaxPool2d(2, ceil_mode=True),
            nn.BatchNorm2d(channels),
            nn.GELU(),
            nn.Conv2d(channels, channels, 3, padding=1, bias=False),
            nn.BatchNorm2d(channels),
            nn.GELU(),
        ]
        before = channels
    head = nn.Linear(before, shape.classes, bias=False)
    return nn.Sequential(*layers, nn.AdaptiveMaxPool2d(1), nn.Flatten(), head, _scale()())


@cache
def _scale() -> type[Module]:
    class Scale(nn.Module):
        """Shrink the logits, so that training starts from uniform predictions."""

        def forward(self, logits: Tensor) -> Tensor:
            return logits * _HEAD_SCALE

    return Scale


FASTNET = Architecture(
    name="fastnet",
    summary="Seven convolutions with batch norm and GELU; learns fast, any size of image",
    papers=(JORDAN_2024_AIRBENCH,),
    settings=(width_setting("Factor on the channels of every layer; 1 gives 24, 64, 256, 256."),),
    make=_make,
)
