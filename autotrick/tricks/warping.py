"""The settings that every trick that warps images has, and draws that they share."""

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
    """Declare what stands outside an image."""
    return setting(
        "constant",
        "What shows from outside the image, as numpy.pad names it: constant (black), edge, reflect, "
        "symmetric or wrap.",
        search=Choice(BORDERS),
        rule=Options(*BORDERS),
    )


def interpolation_setting(default: Interpolation = "bilinear") -> Any:
    """Declare how a value between pixels is made."""
    return setting(
        default,
        "How a value between pixels is made: nearest, bilinear or bicubic.",
        search=Choice(INTERPOLATIONS),
        rule=Options(*INTERPOLATIONS),
    )


def unit_setting(default: float, about: str, *, search: Domain | None) -> Any:
    """Declare a number in [0, 1] that does nothing at 0."""
    return setting(
        default,
        about,
        search=search,
        neutral=0.0,
        rule=Range(0, 1),
    )


def either_way(draws: Floats, most: float) -> Floats:
    """Return draws of [0, 1) spread over [-most, most)."""
    return (2 * draws - 1) * most


def maps(a: Floats, b: Floats, c: Floats, d: Floats) -> Floats:
    """Return (N, 2, 3) affine maps about the image's centre, each of the linear part [[a, b], [c, d]]."""
    nothing = np.zeros(len(a))
    rows = [[a, b, nothing], [c, d, nothing]]
    return np.stack([np.stack(row, axis=1) for row in rows], axis=1)
