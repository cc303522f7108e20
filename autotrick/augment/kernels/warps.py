"""Operations that look up each pixel somewhere in the image, with any border and interpolation."""

import math

import numpy as np
from numpy.typing import NDArray

from autotrick.augment.kernels.colours import byte
from autotrick.augment.kernels.compiled import compiled, copy, nearest
from autotrick.augment.kernels.geometry import OUTSIDE, inside

Image = NDArray[np.uint8]
Map = NDArray[np.float64]

DOWN, LEFT, HALF, RIGHT = 1, 2, 3, 4
"""Ways to turn an image: upside down like a mirror, a quarter to the left, a half, to the right."""


@compiled
def turn(image: Image, spare: Image, way: int) -> None:
    """Mirror upside down, or turn by a multiple of 90 degrees; quarters need a square image."""
    height, width, channels = image.shape
    copy(image, spare)
    for y in range(height):
        for x in range(width):
            row, column = y, x
            if way == DOWN:
                row = height - 1 - y
            elif way == LEFT:
                row, column = x, width - 1 - y
            elif way == HALF:
                row, column = height - 1 - y, width - 1 - x
            elif way == RIGHT:
                row, column = height - 1 - x, y
            for c in range(channels):
                image[y, x, c] = spare[row, column, c]


@compiled
def affine(image: Image, spare: Image, place: Map, border: int, smooth: bool) -> None:
    """Set each pixel to what stands where an affine map sends it.

    Args:
        image: (H, W, C).
        spare: (H, W, C) room to work in.
        place: (6,): with x and y counted from the image's centre, the source of (x, y) is column
            place[0] x + place[1] y + place[2] and row place[3] x + place[4] y + place[5].
        border: Place in `policies.BORDERS`.
        smooth: Whether to interpolate between the four pixels around it.
    """
    height, width, _ = image.shape
    left, top = 0.5 * (width - 1), 0.5 * (height - 1)
    for row in range(height):
        y = row - top
        for column in range(width):
            x = column - left
            at_x = place[0] * x + place[1] * y + place[2] + left
            at_y = place[3] * x + place[4] * y + place[5] + top
            if smooth:
                blend(spare, row, column, image, (at_y, at_x), border)
            else:
                pick(spare, row, column, image, (at_y, at_x), border)
    copy(spare, image)


@compiled
def pick(
    new: Image, row: int, column: int, old: Image, at: tuple[float, float], border: int
) -> None:
    """Set a pixel to the nearest one of another image; halves go down and to the right."""
    height, width, channels = old.shape
    y = inside(math.floor(at[0] + 0.5), height, border)
    x = inside(math.floor(at[1] + 0.5), width, border)
    for c in range(channels):
        new[row, column, c] = 0 if y == OUTSIDE or x == OUTSIDE else old[y, x, c]


@compiled
def blend(
    new: Image, row: int, column: int, old: Image, at: tuple[float, float], border: int
) -> None:
    """Set a pixel to a blend of the four of another image around a place."""
    height, width, channels = old.shape
    upper, lefter = math.floor(at[0]), math.floor(at[1])
    below, beside = np.float32(at[0] - upper), np.float32(at[1] - lefter)
    y, y_1 = inside(upper, height, border), inside(upper + 1, height, border)
    x, x_1 = inside(lefter, width, border), inside(lefter + 1, width, border)
    for c in range(channels):
        # Differences keep a plain area plain, whatever the weights are rounded to.
        first = value(old, y, x, c)
        above = first + beside * (value(old, y, x_1, c) - first)
        second = value(old, y_1, x, c)
        under = second + beside * (value(old, y_1, x_1, c) - second)
        new[row, column, c] = byte(nearest(above + below * (under - above)))


@compiled
def value(image: Image, y: int, x: int, c: int) -> np.float32:
    """Return a value of the image; 0 where y or x is OUTSIDE."""
    return np.float32(0) if y == OUTSIDE or x == OUTSIDE else np.float32(image[y, x, c])


@compiled
def enlarge(image: Image, spare: Image, box: NDArray[np.int64], smooth: bool) -> None:
    """Stretch a box (top, left, height, width) of the image over all of it.

    Nothing outside the box shows: at its edge the pixels inside are repeated.
    """
    height, width, channels = image.shape
    top, left, high, wide = box[0], box[1], box[2], box[3]
    part = image[top : top + high, left : left + wide]
    for row in range(height):
        at_y = (row + 0.5) * high / height - 0.5
        for column in range(width):
            at_x = (column + 0.5) * wide / width - 0.5
            if smooth:
                blend_within(spare, row, column, part, at_y, at_x)
            else:
                y = min(max(math.floor(at_y + 0.5), 0), high - 1)
                x = min(max(math.floor(at_x + 0.5), 0), wide - 1)
                for c in range(channels):
                    spare[row, column, c] = part[y, x, c]
    copy(spare, image)


@compiled
def blend_within(new: Image, row: int, column: int, part: Image, at_y: float, at_x: float) -> None:
    """Set a pixel to a blend of the four pixels of a box around a place."""
    height, width, channels = part.shape
    at_y, at_x = min(max(at_y, 0.0), height - 1.0), min(max(at_x, 0.0), width - 1.0)
    y, x = int(at_y), int(at_x)
    y_1, x_1 = min(y + 1, height - 1), min(x + 1, width - 1)
    below, beside = np.float32(at_y - y), np.float32(at_x - x)
    for c in range(channels):
        first, second = np.float32(part[y, x, c]), np.float32(part[y_1, x, c])
        above = first + beside * (np.float32(part[y, x_1, c]) - first)
        under = second + beside * (np.float32(part[y_1, x_1, c]) - second)
        new[row, column, c] = byte(nearest(above + below * (under - above)))
