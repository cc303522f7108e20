"""PyramidNet with ShakeDrop: channels grow with every block, and branches are randomly perturbed.

This is the bottleneck network for 32-pixel images; with 272 layers and a widening of 200 it has 26
million weights without the normalisation's. In training, a block's branch passes unchanged with a
probability that falls linearly from the first block to `keep` at the last. Otherwise, decided once
per batch, each image's branch is multiplied by a number in [-1, 1] and its gradient by another in [0,
1]. In evaluation the branch is multiplied by the probability.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from autotrick.domain import Choice, Float
from autotrick.lazy import functional, nn, torch
from autotrick.models.base import Architecture, Shape
from autotrick.tricks.base import Setting
from autotrick.tricks.papers import HAN_2017_PYRAMIDNET, YAMADA_2018_SHAKEDROP
from autotrick.tricks.rules import Range, Stepped

if TYPE_CHECKING:
    from torch import Tensor
    from torch.nn import Module

_FIRST, _WIDER = 16, 4
"Give the channels before the first block, and the ratio of a block's outputs to its inner channels."


@cache
def _block() -> type[Module]:
    class Block(nn.Module):
        """A bottleneck without a last ReLU, with a shortcut without weights."""

        def __init__(self, before: int, channels: int, stride: int, keep: float) -> None:
            super().__init__()
            self.branch = nn.Sequential(
                nn.BatchNorm2d(before),
                nn.Conv2d(before, channels, 1, bias=False),
                nn.BatchNorm2d(channels),
                nn.ReLU(),
                nn.Conv2d(channels, channels, 3, stride, padding=1, bias=False),
                nn.BatchNorm2d(channels),
                nn.ReLU(),
                nn.Conv2d(channels, channels * _WIDER, 1, bias=False),
                nn.BatchNorm2d(channels * _WIDER),
            )
            self.stride, self.keep = stride, keep

        def forward(self, images: Tensor) -> Tensor:
            shaken = shake(self.branch(images), self.keep, training=self.training)
            short = functional.avg_pool2d(images, self.stride, ceil_mode=True)
            further = shaken.shape[1] - short.shape[1]
            return shaken + functional.pad(short, (0, 0, 0, 0, 0, further))

    return Block


def shake(values: Tensor, keep: float, *, training: bool) -> Tensor:
    """Return (N, ...) values and their gradient with random factors.

    Args:
        values: Output of a block's branch.
        keep: Probability that they pass unchanged, in (0, 1]; 1 perturbs nothing.
        training: Whether to draw factors; otherwise values are multiplied by the expected factor.
    """
    if keep == 1:
        return values
    if not training:
        return values * keep
    shape = (2, len(values), *[1] * (values.ndim - 1))
    passes = (torch.rand((), device=values.device) < keep).to(values.dtype)
    draws = torch.rand(shape, device=values.device, dtype=values.dtype)
    forward = passes + (1 - passes) * (2 * draws[0] - 1)
    backward = passes + (1 - passes) * draws[1]
    shaken: Tensor = backward * values + ((forward - backward) * values).detach()
    return shaken


def _make(settings: dict[str, Any], shape: Shape) -> Module:
    blocks = (settings["depth"] - 2) // 9
    layers: list[Module] = [
        nn.Conv2d(shape.channels, _FIRST, 3, padding=1, bias=False),
        nn.BatchNorm2d(_FIRST),
    ]
    before = _FIRST
    for number in range(1, 3 * blocks + 1):
        channels = round(_FIRST + settings["widening"] * number / (3 * blocks))
        stride = 2 if number in (blocks + 1, 2 * blocks + 1) else 1
        keep = 1 - number / (3 * blocks) * (1 - settings["keep"])
        layers.append(_block()(before, channels, stride, keep))
        before = channels * _WIDER
    model = nn.Sequential(
        *layers,
        nn.BatchNorm2d(before),
        nn.ReLU(),
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(),
        nn.Linear(before, shape.classes),
    )
    for module in model.modules():
        if isinstance(module, nn.Conv2d):
            nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")
    return model


PYRAMIDNET = Architecture(
    name="pyramidnet",
    summary="Bottlenecks with more channels in every block and ShakeDrop, for CIFAR-10",
    papers=(HAN_2017_PYRAMIDNET, YAMADA_2018_SHAKEDROP),
    settings=(
        Setting(
            name="depth",
            about="Number of layers: 2 plus 9 for each block of the three stages.",
            default=56,
            domain=Choice((29, 56, 110)),
            rule=Stepped(11, 1001, step=9),
        ),
        Setting(
            name="widening",
            about=(
                "Channels that the blocks add to the first 16, in equal steps, before multiplication by "
                "four."
            ),
            default=48,
            domain=Choice((24, 48, 84)),
            rule=Range(0, 2000),
        ),
        Setting(
            name="keep",
            about=(
                "Probability that the last block's branch passes unchanged, in (0, 1]; 1 disables "
                "ShakeDrop."
            ),
            default=0.5,
            domain=Float(0.5, 1.0),
            rule=Range(0, 1, open_low=True),
        ),
    ),
    make=_make,
)
