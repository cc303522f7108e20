"""Operations that look up each pixel elsewhere in the image, with any border and interpolation."""

import math

import numpy as np
from numpy.typing import NDArray

from autotrick.augment.kernels.borders import EDGE, OUTSIDE, source_index
from autotrick.augment.kernels.colours import byte
from autotrick.augment.kernels.compiled import compiled, copy, rounded
from autotrick.augment.policies import INTERPOLATIONS

Image = NDArray[np.uint8]
Line = tuple[float, float, float]
Weights = tuple[np.float32, np.float32, np.float32, np.float32]

NEAREST = INTERPOLATIONS.index("nearest")
BILINEAR = INTERPOLATIONS.index("bilinear")

DOWN, LEFT, HALF, RIGHT = 1, 2, 3, 4
"""Ways to turn an image: mirrored upside down, a quarter to the left, a half, a quarter to the right."""


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
def affine(
    image: Image, spare: Image, across: Line, down: Line, border: int, interpolation: int
) -> None:
    """Set each pixel to what the image shows where an affine map sends it.

    Args:
        image: (H, W, C).
        spare: (H, W, C), overwritten.
        across: With x and y counted from the image's centre, the source of (x, y) is the column
            across[0] x + across[1] y + across[2], and
        down: the row down[0] x + down[1] y + down[2].
        border: Index in `policies.BORDERS`, or `borders.IGNORE`.
        interpolation: Index in `policies.INTERPOLATIONS`.
    """
    height, width, _ = image.shape
    left, top = 0.5 * (width - 1), 0.5 * (height - 1)
    for row in range(height):
        y = row - top
        for column in range(width):
            x = column - left
            at_x = across[0] * x + across[1] * y + across[2] + left
            at_y = down[0] * x + down[1] * y + down[2] + top
            if interpolation == NEAREST:
                sample_nearest(spare, row, column, image, (at_y, at_x), border)
            elif interpolation == BILINEAR:
                sample_bilinear(spare, row, column, image, (at_y, at_x), border)
            else:
                sample_bicubic(spare, row, column, image, (at_y, at_x), border)
    copy(spare, image)


@compiled
def sample_nearest(
    new: Image, row: int, column: int, old: Image, at: tuple[float, float], border: int
) -> None:
    """Set a pixel to the nearest one of another image; ties go down and to the right."""
    height, width, channels = old.shape
    y = source_index(math.floor(at[0] + 0.5), height, border)
    x = source_index(math.floor(at[1] + 0.5), width, border)
    for c in range(channels):
        new[row, column, c] = 0 if y == OUTSIDE or x == OUTSIDE else old[y, x, c]


@compiled
def sample_bilinear(
    new: Image, row: int, column: int, old: Image, at: tuple[float, float], border: int
) -> None:
    """Set a pixel to a blend of the four pixels of another image around a position."""
    height, width, channels = old.shape
    upper, lefter = math.floor(at[0]), math.floor(at[1])
    below, beside = np.float32(at[0] - upper), np.float32(at[1] - lefter)
    y, y_1 = source_index(upper, height, border), source_index(upper + 1, height, border)
    x, x_1 = source_index(lefter, width, border), source_index(lefter + 1, width, border)
    for c in range(channels):
        # Differences keep a plain area plain, whatever the weights are rounded to.
        first = value_at(old, y, x, c)
        above = first + beside * (value_at(old, y, x_1, c) - first)
        second = value_at(old, y_1, x, c)
        under = second + beside * (value_at(old, y_1, x_1, c) - second)
        new[row, column, c] = byte(rounded(above + below * (under - above)))


@compiled
def value_at(image: Image, y: int, x: int, c: int) -> np.float32:
    """Return a value of the image; 0 where y or x is OUTSIDE."""
    return np.float32(0) if y == OUTSIDE or x == OUTSIDE else np.float32(image[y, x, c])


@compiled
def sample_bicubic(
    new: Image, row: int, column: int, old: Image, at: tuple[float, float], border: int
) -> None:
    """Set a pixel to a weighted sum of the sixteen pixels of another image around a position."""
    height, width, channels = old.shape
    upper, lefter = math.floor(at[0]), math.floor(at[1])
    vertical, horizontal = cubic(at[0] - upper), cubic(at[1] - lefter)
    for c in range(channels):
        total = np.float32(0)
        for i in range(4):
            y = source_index(upper - 1 + i, height, border)
            line = np.float32(0)
            for j in range(4):
                x = source_index(lefter - 1 + j, width, border)
                line += horizontal[j] * value_at(old, y, x, c)
            total += vertical[i] * line
        new[row, column, c] = byte(rounded(total))


@compiled
def cubic(offset: float) -> Weights:
    """Return the weights of the four pixels around a position, `offset` past the second; a is -3/4.

    Keys, "Cubic convolution interpolation for digital image processing", 1981, with torch's a.
    """
    a, t = np.float32(-0.75), np.float32(offset)
    one, two, three = np.float32(1), np.float32(2), np.float32(3)
    s = one - t
    first = a * t * s * s
    second = ((a + two) * t - (a + three)) * t * t + one
    third = ((a + two) * s - (a + three)) * s * s + one
    return first, second, third, a * s * t * t


@compiled
def enlarge(image: Image, spare: Image, box: NDArray[np.int64], interpolation: int) -> None:
    """Stretch a box (top, left, height, width) of the image over all of it.

    Nothing outside the box shows: at its edge the pixels inside are repeated.
    """
    height, width, _ = image.shape
    top, left, high, wide = box[0], box[1], box[2], box[3]
    part = image[top : top + high, left : left + wide]
    for row in range(height):
        at_y = (row + 0.5) * high / height - 0.5
        for column in range(width):
            at = (at_y, (column + 0.5) * wide / width - 0.5)
            if interpolation == NEAREST:
                sample_nearest(spare, row, column, part, at, EDGE)
            elif interpolation == BILINEAR:
                sample_bilinear(spare, row, column, part, at, EDGE)
            else:
                sample_bicubic(spare, row, column, part, at, EDGE)
    copy(spare, image)
