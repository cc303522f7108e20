"""Operations that move pixels. What comes from outside the image is black, or as the border says."""

import math

import numpy as np
from numpy.typing import NDArray

from autotrick.augment.kernels.compiled import compiled, copy, nearest
from autotrick.augment.policies import BORDERS, OPERATIONS

Image = NDArray[np.uint8]
Places = NDArray[np.int32]

SHEAR_X = OPERATIONS.index("ShearX")
SHEAR_Y = OPERATIONS.index("ShearY")
TRANSLATE_X = OPERATIONS.index("TranslateX")
TRANSLATE_Y = OPERATIONS.index("TranslateY")

CONSTANT = BORDERS.index("constant")
EDGE = BORDERS.index("edge")
REFLECT = BORDERS.index("reflect")
SYMMETRIC = BORDERS.index("symmetric")

OUTSIDE = -1


@compiled
def geometry(image: Image, spare: Image, operation: int, magnitude: float) -> None:
    """Shear (tangent), translate (pixels, cut to whole ones) or rotate (degrees, to the left)."""
    if operation in (TRANSLATE_X, TRANSLATE_Y):
        pixels = int(magnitude)
        right = pixels if operation == TRANSLATE_X else 0
        shift(image, spare, right - pixels, -right, CONSTANT)
        return
    height, width = image.shape[:2]
    across, down = (1.0, 0.0, 0.0), (0.0, 1.0, 0.0)
    if operation == SHEAR_X:
        across = (1.0, magnitude, 0.5 * height * magnitude)
    elif operation == SHEAR_Y:
        down = (magnitude, 1.0, 0.5 * width * magnitude)
    else:
        angle = math.radians(magnitude % 360.0)
        sine, cosine = math.sin(angle), math.cos(angle)
        across, down = (cosine, -sine, 0.0), (sine, cosine, 0.0)
    warp(image, spare, across, down)


@compiled
def inside(place: int, size: int, border: int) -> int:
    """Return the row (or column) that stands at `place`, in [0, size) or OUTSIDE.

    `numpy.pad` decides what stands beyond the border.
    """
    if 0 <= place < size:
        return place
    if border == CONSTANT:
        return OUTSIDE
    if border == EDGE or size == 1:
        return min(max(place, 0), size - 1)
    if border == REFLECT:
        place %= 2 * (size - 1)
        return min(place, 2 * (size - 1) - place)
    if border == SYMMETRIC:
        place %= 2 * size
        return min(place, 2 * size - 1 - place)
    return place % size


@compiled
def span(size: int, start: int, border: int) -> Places:
    """Return the rows (or columns) that stand at start, start + 1, ..., `size` of them."""
    places = np.empty(size, np.int32)
    for i in range(size):
        places[i] = inside(start + i, size, border)
    return places


@compiled
def shift(image: Image, spare: Image, down: int, right: int, border: int) -> None:
    """Set pixel (y, x) to what stood at (y + down, x + right)."""
    height, width = image.shape[:2]
    rows, columns = span(height, down, border), span(width, right, border)
    first = min(max(0, -right), width)
    last = max(first, min(width, width - right))
    for y in range(height):
        after = spare[y]
        if rows[y] == OUTSIDE:
            black = after.reshape(-1)
            for i in range(len(black)):
                black[i] = 0
            continue
        before = image[rows[y]]
        gather(before, after, columns, 0, first)
        gather(before, after, columns, last, width)
        copy(before[first + right : last + right], after[first:last])
    copy(spare, image)


@compiled
def warp(
    image: Image,
    spare: Image,
    across: tuple[float, float, float],
    down: tuple[float, float, float],
) -> None:
    """Set each pixel to the one nearest to where an affine map sends it.

    With x and y counted from the image's centre, the source of (x, y) is column
    across[0] x + across[1] y + across[2] and row down[0] x + down[1] y + down[2]. As in torch, these
    are computed on a grid that runs from -1 to 1, in single precision: it decides the ties, and a
    shear by a published strength has many.
    """
    height, width, channels = image.shape
    half_width, half_height = np.float32(0.5 * width), np.float32(0.5 * height)
    left, top = np.float32(0.5 * (width - 1)), np.float32(0.5 * (height - 1))
    x_x, x_y, x_1 = relative(across, half_width)
    y_x, y_y, y_1 = relative(down, half_height)
    one, half = np.float32(1.0), np.float32(0.5)
    source = np.empty(width, np.int32)
    pixels = image.reshape(-1, channels)
    for row in range(height):
        y = np.float32(row) - top
        for column in range(width):
            x = np.float32(column) - left
            at_x = nearest(((x * x_x + y * x_y) + x_1 + one) * half_width - half)
            at_y = nearest(((x * y_x + y * y_y) + y_1 + one) * half_height - half)
            within = (at_x >= 0) & (at_x < width) & (at_y >= 0) & (at_y < height)
            place = np.int32(at_y) * np.int32(width) + np.int32(at_x)
            source[column] = place if within else np.int32(OUTSIDE)
        gather(pixels, spare[row], source, 0, width)
    copy(spare, image)


@compiled
def relative(
    entries: tuple[float, float, float], half: np.float32
) -> tuple[np.float32, np.float32, np.float32]:
    """Return the entries in half sides of the image, which torch's grid is measured in."""
    return (
        np.float32(entries[0]) / half,
        np.float32(entries[1]) / half,
        np.float32(entries[2]) / half,
    )


@compiled
def gather(pixels: Image, row: Image, source: Places, first: int, last: int) -> None:
    """Fill columns first to last - 1 of a row (W, C) with the pixels (P, C) at `source`, or black."""
    if row.shape[1] == 3:
        for x in range(first, last):
            place = source[x]
            lit, place = (np.uint8(0), 0) if place == OUTSIDE else (np.uint8(255), place)
            row[x, 0] = pixels[place, 0] & lit
            row[x, 1] = pixels[place, 1] & lit
            row[x, 2] = pixels[place, 2] & lit
    else:
        for x in range(first, last):
            place = source[x]
            row[x, 0] = pixels[max(place, 0), 0] if place != OUTSIDE else np.uint8(0)
