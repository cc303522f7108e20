"""Declare an architecture."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from autotrick.domain import Domain, Float, Scalar
from autotrick.tricks.base import Paper, Setting
from autotrick.tricks.rules import Options, Range

if TYPE_CHECKING:
    from torch import nn


@dataclass(frozen=True, slots=True)
class Shape:
    """Describe the shapes of a network's input and output.

    Attributes:
        classes: Number K of logits.
        channels: Channels of the images, 1 or 3.
        height: Height of the images in pixels.
        width: Width of the images in pixels.
    """

    classes: int
    channels: int
    height: int
    width: int


@dataclass(frozen=True, slots=True)
class Architecture:
    """Describe a kind of network.

    Attributes:
        papers: Where it was published; the implementation follows the first one.
        settings: Its settings, declared as for tricks.
        make: Builds the network from all settings. Call `build` instead.
        min_side: Smallest side of an image in pixels.
    """

    name: str
    summary: str
    papers: tuple[Paper, ...]
    settings: tuple[Setting, ...]
    make: Callable[[dict[str, Any], Shape], nn.Module]
    min_side: int = 1


def width_setting(about: str) -> Setting:
    """Return the setting that scales the channels of every layer."""
    return Setting(
        name="width",
        about=about,
        default=1.0,
        domain=Float(0.25, 2.0, log=True),
        rule=Range(0, 16, open_low=True),
    )


def choice_setting(name: str, about: str, options: tuple[Scalar, ...], domain: Domain) -> Setting:
    """Return a setting with a list of options, of which the first is the default."""
    return Setting(name, about, options[0], Options(*options), domain)


def scaled(channels: int, width: float) -> int:
    """Return the number of channels of a layer at this width, at least 1."""
    return max(1, round(channels * width))
