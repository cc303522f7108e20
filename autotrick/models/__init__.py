"""Networks by name: LeNet-5, ResNet-20, a fast net, and any classifier of torchvision or timm.

A file declares one architecture and makes it; torch is loaded when one is made. `find` gives the
declaration, `build` a network with weights that the seed decides, `describe` what it costs.
"""

from autotrick.models.base import Architecture
from autotrick.models.catalogue import (
    ARCHITECTURES,
    architectures,
    build,
    complete,
    expect_side,
    find,
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
    "verify",
    "why_not_for",
]
