"""The common corruptions of Hendrycks and Dietterich, to measure how robust a network is.

Hendrycks, Dietterich, "Benchmarking Neural Network Robustness to Common Corruptions and Perturbations",
ICLR 2019. https://arxiv.org/abs/1903.12261. Code: https://github.com/hendrycks/robustness

    noise      gaussian_noise, shot_noise, impulse_noise
    blur       defocus_blur, glass_blur, motion_blur, zoom_blur
    weather    snow, fog, brightness
    digital    contrast, elastic_transform, pixelate, jpeg_compression
    geometry   shift, rotation, shrinking, crop

The last kind is not of the paper and not in its mean. Of the others, fourteen of the paper's fifteen are here. Left out is frost, which blends in photographs of ice that the authors
ship with their code. Strengths are those of the authors' code: of CIFAR-10-C for images whose longer side
has at most 64 pixels, of ImageNet-C for larger ones.

Differs: written with NumPy, SciPy and Pillow in place of OpenCV, scikit-image and ImageMagick; values are
rounded, not truncated; glass blur exchanges pixels, where the authors' code copies one over the other; the
elastic transform looks pixels up once for both its maps. So accuracies are comparable with one another, not
digit by digit with those that papers report on the published files.

The draws of an image depend on its number, the corruption and the severity only: all networks see the same
pixels.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from autotrick.augment.corruptions import blur, digital, geometry, noise, weather
from autotrick.augment.corruptions.base import Corruption
from autotrick.random_streams import Stream

__all__ = [
    "CORRUPTIONS",
    "FAMILIES",
    "LEFT_OUT",
    "MOVES",
    "SEVERITIES",
    "Corruption",
    "corrupt",
    "is_small",
]

SEVERITIES = (1, 2, 3, 4, 5)
CORRUPTIONS: dict[str, Corruption] = {
    found.name: found
    for found in (*noise.CORRUPTIONS, *blur.CORRUPTIONS, *weather.CORRUPTIONS, *digital.CORRUPTIONS)
}
"""By name, in the paper's order."""
MOVES: dict[str, Corruption] = {found.name: found for found in geometry.CORRUPTIONS}
"""What is not of the paper: moved, turned, shrunk and cropped copies, by name."""
FAMILIES = ("noise", "blur", "weather", "digital")
LEFT_OUT = {"frost": "it needs photographs of ice, which are not part of this package"}
"""Corruptions of the paper that are not here, and why."""

_SMALL = 64


def is_small(size: Sequence[int]) -> bool:
    """Return whether images of this height and width get the strengths of CIFAR-10-C."""
    return max(size) <= _SMALL


def corrupt(
    images: NDArray[np.uint8],
    name: str,
    severity: int,
    *,
    numbers: NDArray[np.int64] | None = None,
) -> NDArray[np.uint8]:
    """Return corrupted copies of images.

    Args:
        images: (N, H, W, C), with 1 or 3 channels.
        name: One of CORRUPTIONS or MOVES.
        severity: 1 to 5.
        numbers: (N,) what decides each image's draws, such as its row; None counts from 0.
    """
    kind = CORRUPTIONS.get(name) or MOVES[name]
    strengths = kind.small if is_small(images.shape[1:3]) else kind.large
    stream = Stream(severity, f"corruption {name}")
    found = np.empty(images.shape, np.uint8)
    rows = np.arange(len(images)) if numbers is None else numbers
    for i, row in enumerate(rows.tolist()):
        result = kind.apply(images[i] / 255.0, strengths[severity - 1], stream.generator(row))
        found[i] = np.rint(255 * np.clip(result, 0, 1))
    return found
