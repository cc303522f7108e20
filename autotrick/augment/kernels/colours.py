"""Conversions of single pixel values, and operations on colour."""

import numpy as np
from numpy.typing import NDArray

from autotrick.augment.kernels.compiled import compiled, fused, rounded

Image = NDArray[np.uint8]

WHITE = np.float32(255)


@compiled
def byte(value: np.float32) -> np.uint8:
    """Return the value clipped to [0, 255], without its fraction."""
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
        pixels[i, 0], pixels[i, 1], pixels[i, 2] = turn_hue(red, green, blue, np.float32(shift))


@compiled
def turn_hue(
    red: np.float32, green: np.float32, blue: np.float32, shift: np.float32
) -> tuple[np.uint8, np.uint8, np.uint8]:
    """Return the colour moved along the colour circle by `shift`; all values in [0, 1]."""
    top, low = max(red, green, blue), min(red, green, blue)
    span = top - low
    if span == np.float32(0):
        level = to_byte(top)
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
        to_byte(channel_of(top, saturation, place, np.float32(5))),
        to_byte(channel_of(top, saturation, place, np.float32(3))),
        to_byte(channel_of(top, saturation, place, np.float32(1))),
    )


@compiled
def channel_of(
    value: np.float32, saturation: np.float32, place: np.float32, offset: np.float32
) -> np.float32:
    """Return one channel of a colour; 5, 3, 1 for red, green, blue."""
    k = (offset + place) % np.float32(6)
    return value - value * saturation * max(np.float32(0), min(k, np.float32(4) - k, np.float32(1)))


@compiled
def to_byte(value: np.float32) -> np.uint8:
    """Return a value in [0, 1] as one of 256 levels, as torchvision does."""
    return byte(value * np.float32(255.999))


@compiled
def linear(image: Image, gains: NDArray[np.float32], offsets: NDArray[np.float32]) -> None:
    """Set each value to gain x value + offset of its channel, rounded."""
    channels = image.shape[2]
    pixels = image.reshape(-1, channels)
    for i in range(len(pixels)):
        for c in range(channels):
            pixels[i, c] = byte(rounded(fused(np.float32(pixels[i, c]), gains[c], offsets[c])))


@compiled
def scale_contrast(image: Image, factor: np.float32, gains: NDArray[np.float32]) -> None:
    """Multiply each value's distance from the mean of its channel by the factor.

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
    linear(image, gains[0], gains[1])
