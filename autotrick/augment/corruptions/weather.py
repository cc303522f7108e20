"""Corruptions by weather: snow, fog, brightness."""

import numpy as np
from numpy.typing import NDArray

from autotrick.augment.corruptions.base import Corruption, Image, streaked, zoomed


def snow(
    image: Image,
    strength: tuple[float, float, float, float, int, float, float],
    rng: np.random.Generator,
) -> Image:
    """Whiten the image and let flakes fall.

    Args:
        strength: Mean and standard deviation of the flakes, their enlargement, the level below which
            there are none, radius and standard deviation of their trails, share of the image that is not
            whitened.
    """
    mean, sigma, factor, least, radius, trail, share = strength
    flakes = zoomed(rng.normal(mean, sigma, (*image.shape[:2], 1)), factor)
    flakes = np.clip(np.where(flakes < least, 0, flakes), 0, 1)
    fallen = streaked(flakes, radius, trail, rng.uniform(-135, -45))
    pale = np.maximum(image, 1.5 * _grey(image) + 0.5)
    return share * image + (1 - share) * pale + fallen + np.rot90(fallen, 2)


def fog(image: Image, strength: tuple[float, float], rng: np.random.Generator) -> Image:
    """Add a cloud made by midpoint displacement, and keep the brightest value.

    Args:
        strength: Amount of fog, and how fast its details fade.
    """
    amount, decay = strength
    height, width = image.shape[:2]
    side = 1 << (max(height, width) - 1).bit_length()
    cloud = _plasma(max(2, side), decay, rng)[:height, :width, None]
    brightest = image.max()
    found: Image = (image + amount * cloud) * brightest / (brightest + amount)
    return found


def brightness(image: Image, amount: float, _: np.random.Generator) -> Image:
    """Raise the value of each pixel, hue and saturation kept: the V of HSV."""
    value = image.max(axis=2, keepdims=True)
    raised = np.minimum(value + amount, 1)
    found: Image = np.where(value > 0, image * raised / np.where(value > 0, value, 1), raised)
    return found


def _grey(image: Image) -> Image:
    if image.shape[2] == 1:
        return image
    grey: Image = image @ np.array([0.299, 0.587, 0.114])
    return grey[..., None]


def _plasma(side: int, decay: float, rng: np.random.Generator) -> NDArray[np.float64]:
    """Return a cloud of values in [0, 1] by the diamond-square algorithm, periodic at its borders.

    Args:
        side: A power of two.
        decay: Factor by which the displacement falls from one scale to the next.
    """
    cloud = np.zeros((side, side))
    step, displacement = side, 100.0

    def displaced(sums: NDArray[np.float64]) -> NDArray[np.float64]:
        return sums / 4 + displacement * rng.uniform(-displacement, displacement, sums.shape)

    while step >= 2:
        half = step // 2
        corners = cloud[::step, ::step]
        sums = corners + np.roll(corners, -1, 0)
        cloud[half::step, half::step] = displaced(sums + np.roll(sums, -1, 1))
        middles = cloud[half::step, half::step]
        right, down = np.roll(corners, -1, 1), np.roll(corners, -1, 0)
        across = middles + np.roll(middles, 1, 0) + corners + right
        upright = middles + np.roll(middles, 1, 1) + corners + down
        cloud[::step, half::step] = displaced(across)
        cloud[half::step, ::step] = displaced(upright)
        step, displacement = half, displacement / decay
    cloud -= cloud.min()
    found: NDArray[np.float64] = cloud / max(cloud.max(), 1e-12)
    return found


CORRUPTIONS = (
    Corruption(
        "snow",
        "weather",
        snow,
        (
            (0.1, 0.2, 1, 0.6, 8, 3, 0.95),
            (0.1, 0.2, 1, 0.5, 10, 4, 0.9),
            (0.15, 0.3, 1.75, 0.55, 10, 4, 0.9),
            (0.25, 0.3, 2.25, 0.6, 12, 6, 0.85),
            (0.3, 0.3, 1.25, 0.65, 14, 12, 0.8),
        ),
        (
            (0.1, 0.3, 3, 0.5, 10, 4, 0.8),
            (0.2, 0.3, 2, 0.5, 12, 4, 0.7),
            (0.55, 0.3, 4, 0.9, 12, 8, 0.7),
            (0.55, 0.3, 4.5, 0.85, 12, 8, 0.65),
            (0.55, 0.3, 2.5, 0.85, 12, 12, 0.55),
        ),
    ),
    Corruption(
        "fog",
        "weather",
        fog,
        ((0.2, 3), (0.5, 3), (0.75, 2.5), (1, 2), (1.5, 1.75)),
        ((1.5, 2), (2, 2), (2.5, 1.7), (2.5, 1.5), (3, 1.4)),
    ),
    Corruption(
        "brightness",
        "weather",
        brightness,
        (0.05, 0.1, 0.15, 0.2, 0.3),
        (0.1, 0.2, 0.3, 0.4, 0.5),
    ),
)
