"""Operations that change the values of pixels, on batches (N, H, W, C) of uint8 images.

Each takes the images and one number for each of them. Arithmetic is in single precision, rounded where
torchvision rounds.
"""

import numpy as np

from autotrick.export.script.parts.streams import Array


def to_bytes(values: Array) -> Array:
    """Return values clipped to [0, 255], without their fraction."""
    return values.clip(0, 255).astype(np.uint8)


def fused(a: Array, b: Array, c: Array) -> Array:
    """Return a * b + c in single precision, rounded once."""
    return (a.astype(np.float64) * b + c).astype(np.float32)


def linear(images: Array, gains: Array, offsets: Array) -> Array:
    """Set each value to gain x value + offset of its channel (N, C), rounded."""
    gains, offsets = (part.astype(np.float32)[:, None, None, :] for part in (gains, offsets))
    return to_bytes(np.rint(fused(images, gains, offsets)))


def add(images: Array, offsets: Array) -> Array:
    """Add levels (N, C) to each channel."""
    return linear(images, np.ones(offsets.shape), offsets)


def scale_contrast(images: Array, factors: Array) -> Array:
    """Multiply each value's distance from the mean of its channel."""
    totals = images.astype(np.int64).sum(axis=(1, 2)).astype(np.float32)
    means = totals / np.float32(images.shape[1] * images.shape[2])
    gains = np.repeat(factors.astype(np.float32)[:, None], images.shape[3], axis=1)
    return linear(images, gains, means - gains * means)
