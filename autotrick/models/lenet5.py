"""LeNet-5, the first convolutional network to read cheques.

Differs: ReLU and max-pooling replace scaled sums with squashing, the feature maps are fully
connected, and the output layer is linear. The first convolution pads by 2, so that 28-pixel images
give the paper's 5x5 maps.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from autotrick.lazy import nn
from autotrick.models.base import Architecture, Shape, scaled, width_setting
from autotrick.tricks.papers import LECUN_1998_LENET5

if TYPE_CHECKING:
    from torch.nn import Module


def _make(settings: dict[str, Any], shape: Shape) -> Module:
    first, second, third, fourth = (scaled(n, settings["width"]) for n in (6, 16, 120, 84))
    # Each of two stages halves the side; the second one first loses 4 pixels.
    rows, columns = ((side // 2 - 4) // 2 for side in (shape.height, shape.width))
    # Pooling before ReLU gives the same values and gradients, bit for bit, with a quarter of the
    # ReLUs.
    return nn.Sequential(
        nn.Conv2d(shape.channels, first, 5, padding=2),
        nn.MaxPool2d(2),
        nn.ReLU(),
        nn.Conv2d(first, second, 5),
        nn.MaxPool2d(2),
        nn.ReLU(),
        nn.Flatten(),
        nn.Linear(second * rows * columns, third),
        nn.ReLU(),
        nn.Linear(third, fourth),
        nn.ReLU(),
        nn.Linear(fourth, shape.classes),
    )


LENET5 = Architecture(
    name="lenet5",
    summary="Two convolutions and three linear layers; the quickest, from 12 px on",
    papers=(LECUN_1998_LENET5,),
    settings=(width_setting("Factor on the channels of every layer."),),
    make=_make,
    min_side=12,
)
