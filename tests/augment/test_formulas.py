"""Tones, colours and filters against their formulas, in NumPy, SciPy and `colorsys`, image by image."""

import colorsys
from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.ndimage import convolve, gaussian_filter

from autotrick.augment import cpu
from autotrick.augment.policies import FILTERS, OPERATIONS, POINTWISE

Image = NDArray[np.uint8]
Floats = NDArray[np.floating]
MakeImages = Callable[[int, int, int], Image]


def gray(image: Image) -> Floats:
    """Return (H, W, 1) brightness of whole levels, as BT.601 weighs the colours."""
    if image.shape[2] == 1:
        return image.astype(float)
    return np.floor(image @ [0.2989, 0.587, 0.114])[..., None]


def blended(image: Image, other: Floats | float, more: float) -> Floats:
    return other + (1 + more) * (image - other)


def smoothed(image: Image) -> Floats:
    """Return the image averaged with weight 5 in the middle and 1 around; the edge stays."""
    weights = np.array([[1, 1, 1], [1, 5, 1], [1, 1, 1]])[..., None] / 13
    found = image.astype(float)
    found[1:-1, 1:-1] = np.rint(convolve(image.astype(float), weights))[1:-1, 1:-1]
    return found


def stretched(image: Image) -> Floats:
    low, high = (edge(image, axis=(0, 1)).astype(float) for edge in (np.min, np.max))
    spread = np.where(high > low, high - low, 1)
    return np.where(high > low, (image - low) * 255 / spread, image)


def equalized(image: Image) -> Floats:
    """Return the image by Pillow's table: levels go to how many pixels lie below, in equal steps."""
    found = image.astype(float)
    for channel in range(image.shape[2]):
        counts = np.bincount(image[..., channel].ravel(), minlength=256)
        step = (counts.sum() - counts[counts.nonzero()[0][-1]]) // 255
        if step:
            below = np.concatenate([[0], np.cumsum(counts)[:-1]])
            table = np.clip((below + step // 2) // step, 0, 255)
            found[..., channel] = table[image[..., channel]]
    return found


def turned(image: Image, turn: float) -> Floats:
    if image.shape[2] == 1:
        return image.astype(float)
    found = []
    for red, green, blue in image.reshape(-1, 3) / 255:
        hue, saturation, value = colorsys.rgb_to_hsv(red, green, blue)
        found.append(colorsys.hsv_to_rgb((hue + turn) % 1, saturation, value))
    return 255 * np.array(found).reshape(image.shape)


FORMULAS: dict[str, tuple[Callable[[Image, float], Floats], list[float]]] = {
    "Brightness": (lambda image, more: blended(image, 0.0, more), [-0.9, -0.2, 0.4, 0.9]),
    "Color": (lambda image, more: blended(image, gray(image), more), [-0.9, -0.2, 0.4, 0.9]),
    "Contrast": (
        lambda image, more: blended(image, float(gray(image).mean()), more),
        [-0.9, -0.2, 0.4, 0.9],
    ),
    "Sharpness": (lambda image, more: blended(image, smoothed(image), more), [-0.9, -0.2, 0.9]),
    "Posterize": (
        lambda image, bits: image // 2.0 ** (8 - bits) * 2.0 ** (8 - bits),
        [0, 1, 4, 7, 8],
    ),
    "Solarize": (
        lambda image, share: np.where(image >= 255 * share, 255.0 - image, image),
        [0, 0.3, 0.5, 1],
    ),
    "SolarizeAdd": (lambda image, more: image + (image < 128) * more, [0, 40, 110]),
    "AutoContrast": (lambda image, _: stretched(image), [0]),
    "Equalize": (lambda image, _: equalized(image), [0]),
    "Invert": (lambda image, _: 255.0 - image, [0]),
    "Hue": (turned, [-0.5, -0.13, 0.25]),
}
EXACT = ("Posterize", "Solarize", "SolarizeAdd", "Equalize", "Invert")
"""Whole numbers in, whole numbers out; the others may round either way."""


def test_every_tone_and_filter_has_a_formula() -> None:
    assert FORMULAS.keys() == {*POINTWISE, *FILTERS}


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("name", FORMULAS)
def test_equals_its_formula(make_images: MakeImages, name: str, channels: int) -> None:
    images, (formula, magnitudes) = make_images(24, 31, channels), FORMULAS[name]

    for magnitude in magnitudes:
        codes = np.full((len(images), 1), OPERATIONS.index(name))
        found = cpu.apply(images.copy(), codes, np.full(codes.shape, float(magnitude)))

        expected = np.stack([np.clip(formula(image, magnitude), 0, 255) for image in images])
        apart = np.abs(found - expected)
        assert apart.max() == 0 if name in EXACT else (apart > 1.001).mean() <= 0.001


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("sigma", [0.5, 1.0, 2.3])
def test_blur_is_scipys(make_images: MakeImages, sigma: float, channels: int) -> None:
    images = make_images(28, 36, channels)

    found = cpu.blur(images.copy(), np.full(len(images), sigma))

    radius = int(np.ceil(3 * sigma))
    expected = gaussian_filter(
        images.astype(float), (0, sigma, sigma, 0), mode="mirror", radius=(0, radius, radius, 0)
    )
    assert np.abs(found - expected).max() <= 1
