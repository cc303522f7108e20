"""Networks by name: LeNet-5, ResNet-20, fastnet and any classifier of torchvision or timm.

Each file declares one architecture and builds it; torch is loaded only then. `find` returns the
declaration, `build` a network whose random weights depend only on the seed, `describe` its cost.
Networks of the libraries can start from pretrained weights: `weights` finds the file, `pretrained`
puts them in.
"""

from autotrick.models.base import Architecture
from autotrick.models.catalogue import (
    ARCHITECTURES,
    architectures,
    build,
    complete,
    expect_side,
    find,
    normalisation,
    pretrained_setting,
    verify,
    why_not_for,
)
from autotrick.models.describe import Cost, describe

__all__ = [
    "ARCHITECTURES",
    "Architecture",
    "Cost",
    "architectures",
    "build",
    "complete",
    "describe",
    "expect_side",
    "find",
    "normalisation",
    "pretrained_setting",
    "verify",
    "why_not_for",
]
