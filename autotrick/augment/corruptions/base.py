"""What a corruption is: its name, its function, its strengths; and helpers of several of them."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Image = NDArray[np.float64]
"""(H, W, C) values in [0, 1]."""


@dataclass(frozen=True, slots=True)
class Corruption:
    """One corruption.

    Attributes:
        name: As the paper's code writes it, if it is of the paper.
        family: noise, blur, weather, digital or geometry.
        apply: Takes an image, a strength and a generator; returns the corrupted image, which may leave
            [0, 1].
        small: Strengths at severities 1 to 5 for small images; the paper's are those of CIFAR-10-C.
        large: Strengths for larger images; the paper's are those of ImageNet-C.
    """

    name: str
    family: str
    apply: Callable[[Image, Any, np.random.Generator], Image]
    small: tuple[Any, ...]
    large: tuple[Any, ...]


def gaussian(image: Image, sigma: float) -> Image:
    """Blur an image with a Gaussian of `sigma` pixels; borders repeat their pixels."""
    from scipy.ndimage import gaussian_filter

    found: Image = gaussian_filter(image, (sigma, sigma, 0), mode="nearest")
    return found


def zoomed(image: Image, factor: float) -> Image:
    """Enlarge the middle of an image by a factor of at least 1, bilinearly; the size stays."""
    from PIL import Image as Pillow

    height, width = image.shape[:2]
    left, top = (0.5 * (side - side / factor) for side in (width, height))
    planes = [
        Pillow.fromarray(plane.astype(np.float32)).resize(
            (width, height),
            Pillow.Resampling.BILINEAR,
            box=(left, top, width - left, height - top),
        )
        for plane in np.moveaxis(image, 2, 0)
    ]
    return np.stack([np.asarray(plane, np.float64) for plane in planes], axis=2)


def streaked(image: Image, radius: int, sigma: float, angle: float) -> Image:
    """Blur along a line as ImageMagick's motion blur does: half a Gaussian that trails one way.

    Args:
        radius: The trail is 2 radius + 1 pixels long.
        sigma: Of the Gaussian, in pixels.
        angle: Of the line, in degrees.
    """
    height, width = image.shape[:2]
    steps = np.arange(2 * radius + 1)
    weights = np.exp(-(steps**2) / (2 * sigma**2))
    turn = np.deg2rad(angle)
    rights = np.ceil(steps * np.cos(turn) - 0.5).astype(int)
    downs = np.ceil(steps * np.sin(turn) - 0.5).astype(int)
    found = np.zeros_like(image)
    for weight, right, down in zip(weights / weights.sum(), rights, downs, strict=True):
        rows = np.clip(np.arange(height) + down, 0, height - 1)
        columns = np.clip(np.arange(width) + right, 0, width - 1)
        found += weight * image[rows][:, columns]
    return found
