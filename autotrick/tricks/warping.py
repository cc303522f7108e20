"""Settings and draws of the tricks that warp images."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from autotrick.augment.policies import BORDERS, INTERPOLATIONS, Interpolation
from autotrick.domain import Choice, Domain
from autotrick.tricks.base import setting
from autotrick.tricks.rules import Options, Range

Floats = NDArray[np.float64]


def border_setting() -> Any:
    """Declare how to fill the area outside an image."""
    return setting(
        "constant",
        "Fill outside the image, named as in numpy.pad: constant (black), edge, reflect, symmetric "
        "or wrap.",
        search=Choice(BORDERS),
        rule=Options(*BORDERS),
    )


def interpolation_setting(default: Interpolation = "bilinear") -> Any:
    """Declare how to interpolate between pixels."""
    return setting(
        default,
        "Interpolation between pixels: nearest, bilinear or bicubic.",
        search=Choice(INTERPOLATIONS),
        rule=Options(*INTERPOLATIONS),
    )


def unit_setting(default: float, about: str, *, search: Domain | None) -> Any:
    """Declare a number in [0, 1] that has no effect at 0."""
    return setting(
        default,
        about,
        search=search,
        neutral=0.0,
        rule=Range(0, 1),
    )


def either_way(draws: Floats, most: float) -> Floats:
    """Return draws from [0, 1) mapped to [-most, most)."""
    return (2 * draws - 1) * most


def maps(a: Floats, b: Floats, c: Floats, d: Floats) -> Floats:
    """Return (N, 2, 3) affine maps about the image's centre with linear part [[a, b], [c, d]]."""
    nothing = np.zeros(len(a))
    rows = [[a, b, nothing], [c, d, nothing]]
    return np.stack([np.stack(row, axis=1) for row in rows], axis=1)
