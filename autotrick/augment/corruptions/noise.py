"""Corruptions by noise: each value of an image has its own draw."""

import numpy as np

from autotrick.augment.corruptions.base import Corruption, Image


def gaussian_noise(image: Image, sigma: float, rng: np.random.Generator) -> Image:
    """Add normal noise of this standard deviation: low light."""
    return image + rng.normal(scale=sigma, size=image.shape)


def shot_noise(image: Image, photons: float, rng: np.random.Generator) -> Image:
    """Count so many photons for a white value, with the noise of counting."""
    return rng.poisson(image * photons) / photons


def impulse_noise(image: Image, amount: float, rng: np.random.Generator) -> Image:
    """Set this share of the values to black or white: bit errors."""
    hit = rng.random(image.shape) <= amount
    white = rng.random(image.shape) <= 0.5
    return np.where(hit, white.astype(float), image)


CORRUPTIONS = (
    Corruption(
        "gaussian_noise",
        "noise",
        gaussian_noise,
        (0.04, 0.06, 0.08, 0.09, 0.10),
        (0.08, 0.12, 0.18, 0.26, 0.38),
    ),
    Corruption("shot_noise", "noise", shot_noise, (500, 250, 100, 75, 50), (60, 25, 12, 5, 3)),
    Corruption(
        "impulse_noise",
        "noise",
        impulse_noise,
        (0.01, 0.02, 0.03, 0.05, 0.07),
        (0.03, 0.06, 0.09, 0.17, 0.27),
    ),
)
