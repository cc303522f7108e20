"""Copies that are moved, turned, shrunk or cropped: what a picture shows stays, where it stands does not.

Not of the paper. Strengths are shares of the sides, and degrees, so that they hold for any size. What
comes into view from outside repeats the pixels of the border.
"""

import numpy as np
from numpy.typing import NDArray

from autotrick.augment.corruptions.base import Corruption, Image, zoomed


def shift(image: Image, share: float, rng: np.random.Generator) -> Image:
    """Move an image by a share of its sides, in a random direction."""
    angle = rng.uniform(0, 2 * np.pi)
    height, width = image.shape[:2]
    return _mapped(
        image, np.eye(2), share * np.array([height * np.sin(angle), width * np.cos(angle)])
    )


def rotation(image: Image, degrees: float, rng: np.random.Generator) -> Image:
    """Turn an image around its middle, to a random side."""
    turn = np.deg2rad(degrees) * rng.choice((-1, 1))
    cos, sin = np.cos(turn), np.sin(turn)
    return _mapped(image, np.array([[cos, sin], [-sin, cos]]), np.zeros(2))


def shrinking(image: Image, share: float, _: np.random.Generator) -> Image:
    """Shrink an image to a share of its sides, in its middle."""
    return _mapped(image, np.eye(2) / share, np.zeros(2))


def crop(image: Image, share: float, _: np.random.Generator) -> Image:
    """Cut the middle out, a share of each side, and enlarge it to the size of the image."""
    return zoomed(image, 1 / share)


def _mapped(image: Image, matrix: NDArray[np.float64], shift: NDArray[np.float64]) -> Image:
    """Return an image whose pixels come, bilinearly, from a linear map of them around the middle.

    Args:
        matrix: (2, 2) from (row, column) of the result to those of the image.
        shift: (2,) added to that, in pixels.
    """
    from scipy.ndimage import affine_transform

    middle = (np.array(image.shape[:2]) - 1) / 2
    offset = middle - matrix @ middle + shift
    planes = [
        affine_transform(plane, matrix, offset, order=1, mode="nearest")
        for plane in np.moveaxis(image, 2, 0)
    ]
    return np.stack(planes, axis=2)


_SHIFTS = (0.04, 0.08, 0.12, 0.16, 0.2)
_DEGREES = (5, 10, 20, 30, 45)
_SIZES = (0.9, 0.8, 0.7, 0.6, 0.5)
_CROPS = (0.95, 0.9, 0.8, 0.7, 0.6)

CORRUPTIONS = (
    Corruption("shift", "geometry", shift, _SHIFTS, _SHIFTS),
    Corruption("rotation", "geometry", rotation, _DEGREES, _DEGREES),
    Corruption("shrinking", "geometry", shrinking, _SIZES, _SIZES),
    Corruption("crop", "geometry", crop, _CROPS, _CROPS),
)
