"""Gaussian blur of uint8 images (N, H, W, C)."""

import math

import numpy as np

from autotrick.export.script.parts.borders import reflect
from autotrick.export.script.parts.streams import Array, uniform
from autotrick.export.script.parts.tones import to_bytes


def blur_each(images: Array, sigmas: Array) -> Array:
    """Blur each image by its sigma in pixels; 0 leaves it as it is."""
    height, width = images.shape[1:3]
    for i in np.flatnonzero(sigmas > 0):
        radius = math.ceil(3.0 * sigmas[i])
        offsets = range(-radius, radius + 1)
        places = [k / float(sigmas[i]) for k in offsets]
        heights = [math.exp(-0.5 * (place * place)) for place in places]
        weights = (np.array(heights) / np.cumsum(heights)[-1]).astype(np.float32)
        image = images[i].astype(np.float32)
        smooth, sums = np.zeros_like(image), np.zeros_like(image)
        for k, weight in zip(offsets, weights, strict=True):
            smooth += weight * image[:, reflect(np.arange(width) + k, width)]
        for k, weight in zip(offsets, weights, strict=True):
            sums += weight * smooth[reflect(np.arange(height) + k, height)]
        images[i] = to_bytes(np.rint(sums))
    return images


def blur(images: Array, samples: Array, update: int, probability: float, sigma: float) -> Array:
    """Blur images with this probability, by up to a share of their side."""
    draws = uniform("blur", update, samples, 2)
    sigmas = sigma * min(images.shape[1:3]) * (0.05 + 0.95 * draws[:, 1])
    return blur_each(images, np.where(draws[:, 0] < probability, sigmas, 0.0))
