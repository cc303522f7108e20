"""Corruptions by blur: lens, glass, motion, zoom."""

import numpy as np
from numpy.typing import NDArray

from autotrick.augment.corruptions.base import Corruption, Image, gaussian, streaked, zoomed


def defocus_blur(image: Image, strength: tuple[float, float], _: np.random.Generator) -> Image:
    """Blur with a disk: an image out of focus.

    Args:
        strength: Radius of the disk, and standard deviation of the blur of its edge; pixels.
    """
    from scipy.signal import convolve

    kernel = _disk(*strength)
    reach = len(kernel) // 2
    margin = [(min(reach, side - 1),) * 2 for side in image.shape[:2]]
    planes = [np.pad(plane, margin, "reflect") for plane in np.moveaxis(image, 2, 0)]
    rows, columns = (
        slice(low, low + side) for (low, _), side in zip(margin, image.shape, strict=False)
    )
    return np.stack([convolve(plane, kernel, "same")[rows, columns] for plane in planes], axis=2)


def _disk(radius: float, edge: float) -> NDArray[np.float64]:
    from scipy.ndimage import gaussian_filter

    smooth = 1 if radius <= 8 else 2
    reach = int(np.ceil(radius)) + smooth
    place = np.arange(-reach, reach + 1)
    disk = (place[:, None] ** 2 + place**2 <= radius**2).astype(float)
    kernel: NDArray[np.float64] = gaussian_filter(disk, edge, radius=smooth, mode="constant")
    kernel /= kernel.sum()
    return kernel


def glass_blur(image: Image, strength: tuple[float, int, int], rng: np.random.Generator) -> Image:
    """Exchange pixels with near ones between two blurs: frosted glass.

    Args:
        strength: Standard deviation of the blurs, farthest exchange in rows and columns, rounds.
    """
    sigma, far, rounds = strength
    height, width, channels = image.shape
    order = list(range(height * width))
    starts = [
        y * width + x for y in range(height - far, far, -1) for x in range(width - far, far, -1)
    ]
    for _ in range(rounds):
        steps = rng.integers(-far, far, (len(starts), 2)) @ [width, 1]
        for here, step in zip(starts, steps.tolist(), strict=True):
            there = here + step
            order[here], order[there] = order[there], order[here]
    moved = gaussian(image, sigma).reshape(-1, channels)[order].reshape(image.shape)
    return gaussian(moved, sigma)


def motion_blur(image: Image, strength: tuple[int, float], rng: np.random.Generator) -> Image:
    """Blur along a line at a random angle of up to 45 degrees: a moving camera.

    Args:
        strength: Radius and standard deviation of the trail, in pixels.
    """
    return streaked(image, *strength, rng.uniform(-45, 45))


def zoom_blur(image: Image, strength: tuple[float, float], _: np.random.Generator) -> Image:
    """Average the image with enlargements of itself: a camera that moves towards its object.

    Args:
        strength: Bound of the enlargements, which is not reached, and their distance.
    """
    bound, step = strength
    factors = np.arange(1, bound, step)
    total = image + sum(zoomed(image, factor) for factor in factors)
    found: Image = total / (len(factors) + 1)
    return found


CORRUPTIONS = (
    Corruption(
        "defocus_blur",
        "blur",
        defocus_blur,
        ((0.3, 0.4), (0.4, 0.5), (0.5, 0.6), (1, 0.2), (1.5, 0.1)),
        ((3, 0.1), (4, 0.5), (6, 0.5), (8, 0.5), (10, 0.5)),
    ),
    Corruption(
        "glass_blur",
        "blur",
        glass_blur,
        ((0.05, 1, 1), (0.25, 1, 1), (0.4, 1, 1), (0.25, 1, 2), (0.4, 1, 2)),
        ((0.7, 1, 2), (0.9, 2, 1), (1, 2, 3), (1.1, 3, 2), (1.5, 4, 2)),
    ),
    Corruption(
        "motion_blur",
        "blur",
        motion_blur,
        ((6, 1), (6, 1.5), (6, 2), (8, 2), (9, 2.5)),
        ((10, 3), (15, 5), (15, 8), (15, 12), (20, 15)),
    ),
    Corruption(
        "zoom_blur",
        "blur",
        zoom_blur,
        ((1.06, 0.01), (1.11, 0.01), (1.16, 0.01), (1.21, 0.01), (1.26, 0.01)),
        ((1.11, 0.01), (1.16, 0.01), (1.21, 0.02), (1.26, 0.02), (1.31, 0.03)),
    ),
)
