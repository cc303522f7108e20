"""Colours of single pixels, and operations that shift them."""

import numpy as np
from numpy.typing import NDArray

from autotrick.augment.kernels.compiled import compiled, fused, nearest

Image = NDArray[np.uint8]

WHITE = np.float32(255)


@compiled
def byte(value: np.float32) -> np.uint8:
    """Return the value cut to [0, 255], without its fraction."""
    return np.uint8(min(max(value, np.float32(0)), WHITE))


@compiled
def gray(red: np.uint8, green: np.uint8, blue: np.uint8) -> np.float32:
    """Return the luma of a pixel, a whole number."""
    luma = np.float32(red) * np.float32(0.2989)
    luma = fused(np.float32(green), np.float32(0.587), luma)
    luma = fused(np.float32(blue), np.float32(0.114), luma)
    return np.float32(np.floor(luma))


@compiled
def hue(image: Image, shift: float) -> None:
    """Turn the colour circle by a share of it, in [-0.5, 0.5]. One channel stays as it is."""
    if image.shape[2] != 3:
        return
    pixels = image.reshape(-1, 3)
    for i in range(len(pixels)):
        red, green = np.float32(pixels[i, 0]) / WHITE, np.float32(pixels[i, 1]) / WHITE
        blue = np.float32(pixels[i, 2]) / WHITE
        pixels[i, 0], pixels[i, 1], pixels[i, 2] = turned(red, green, blue, np.float32(shift))


@compiled
def turned(
    red: np.float32, green: np.float32, blue: np.float32, shift: np.float32
) -> tuple[np.uint8, np.uint8, np.uint8]:
    """Return the colour whose place on the circle is further by `shift`; all values in [0, 1]."""
    top, low = max(red, green, blue), min(red, green, blue)
    span = top - low
    if span == np.float32(0):
        level = share(top)
        return level, level, level
    if top == red:
        place = (green - blue) / span
    elif top == green:
        place = np.float32(2) + (blue - red) / span
    else:
        place = np.float32(4) + (red - green) / span
    place = place / np.float32(6) + shift
    place = (place - np.floor(place)) * np.float32(6)
    saturation = span / top
    return (
        share(component(top, saturation, place, np.float32(5))),
        share(component(top, saturation, place, np.float32(3))),
        share(component(top, saturation, place, np.float32(1))),
    )


@compiled
def component(
    value: np.float32, saturation: np.float32, place: np.float32, offset: np.float32
) -> np.float32:
    """Return one channel of a colour; 5, 3, 1 for red, green, blue."""
    k = (offset + place) % np.float32(6)
    return value - value * saturation * max(np.float32(0), min(k, np.float32(4) - k, np.float32(1)))


@compiled
def share(value: np.float32) -> np.uint8:
    """Return a value in [0, 1] as one of 256 levels, as torchvision does."""
    return byte(value * np.float32(255.999))


@compiled
def levels(image: Image, gains: NDArray[np.float32], offsets: NDArray[np.float32]) -> None:
    """Set each value to gain x value + offset of its channel, rounded."""
    channels = image.shape[2]
    pixels = image.reshape(-1, channels)
    for i in range(len(pixels)):
        for c in range(channels):
            pixels[i, c] = byte(nearest(fused(np.float32(pixels[i, c]), gains[c], offsets[c])))


@compiled
def stretch(image: Image, factor: np.float32, gains: NDArray[np.float32]) -> None:
    """Multiply each value's distance from the mean of its channel.

    Args:
        image: (H, W, C).
        factor: 0 is the mean everywhere, 1 the image.
        gains: (2, C) room to work in.
    """
    channels = image.shape[2]
    pixels = image.reshape(-1, channels)
    for c in range(channels):
        total = np.int64(0)
        for i in range(len(pixels)):
            total += np.int64(pixels[i, c])
        mean = np.float32(total) / np.float32(len(pixels))
        gains[0, c], gains[1, c] = factor, mean - factor * mean
    levels(image, gains[0], gains[1])
