"""The geometric operations of policies: shear, translate and rotate."""

import math

import numpy as np
from numpy.typing import NDArray

from autotrick.augment.kernels.borders import CONSTANT, OUTSIDE, source_indices
from autotrick.augment.kernels.compiled import compiled, copy, rounded
from autotrick.augment.kernels.warps import NEAREST, affine
from autotrick.augment.policies import OPERATIONS

Image = NDArray[np.uint8]

SHEAR_X = OPERATIONS.index("ShearX")
SHEAR_Y = OPERATIONS.index("ShearY")
TRANSLATE_X = OPERATIONS.index("TranslateX")
TRANSLATE_Y = OPERATIONS.index("TranslateY")


@compiled
def geometry(
    image: Image, spare: Image, operation: int, magnitude: float, border: int, interpolation: int
) -> None:
    """Shear (tangent), translate (pixels, cut to whole ones) or rotate (degrees, to the left).

    Args:
        image: (H, W, C).
        spare: (H, W, C), overwritten.
        operation: Index in `policies.OPERATIONS`.
        magnitude: In the operation's own unit.
        border: Index in `policies.BORDERS`, or `borders.IGNORE`.
        interpolation: Index in `policies.INTERPOLATIONS`; translations are by whole pixels.
    """
    if operation in (TRANSLATE_X, TRANSLATE_Y):
        pixels = int(magnitude)
        right = pixels if operation == TRANSLATE_X else 0
        shift(image, spare, right - pixels, -right, border)
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
    if interpolation == NEAREST and border == CONSTANT:
        warp_nearest(image, spare, across, down)
    else:
        affine(image, spare, across, down, border, interpolation)


@compiled
def shift(image: Image, spare: Image, down: int, right: int, border: int) -> None:
    """Set pixel (y, x) to what stood at (y + down, x + right)."""
    height, width, channels = image.shape
    old, new = image.reshape(-1), spare.reshape(-1)
    rows, columns = source_indices(height, down, border), source_indices(width, right, border)
    first = min(max(0, -right), width)
    last = max(first, min(width, width - right))
    for y in range(height):
        line = y * width
        if rows[y] == OUTSIDE:
            for i in range(width * channels):
                new[np.uintp(line * channels + i)] = 0
            continue
        source = rows[y] * width
        for x in range(first):
            copy_pixel(new, line + x, old, pixel_index(source, columns[x]), channels)
        for x in range(last, width):
            copy_pixel(new, line + x, old, pixel_index(source, columns[x]), channels)
        # Neighbours stay neighbours between these two: one block of bytes.
        start, origin = (line + first) * channels, (source + first + right) * channels
        for i in range((last - first) * channels):
            new[np.uintp(start + i)] = old[np.uintp(origin + i)]
    copy(spare, image)


@compiled
def pixel_index(line: int, column: int) -> int:
    """Return the index of a column's pixel in the line that starts at `line`, or OUTSIDE."""
    return OUTSIDE if column == OUTSIDE else line + column


@compiled
def copy_pixel(
    new: NDArray[np.uint8], place: int, old: NDArray[np.uint8], origin: int, channels: int
) -> None:
    """Set a pixel to a pixel of another image, or to black.

    Args:
        new: A whole image, flat.
        place: Index of the pixel in it.
        old: A whole image, flat.
        origin: Index of the pixel in it, or OUTSIDE.
        channels: 1 or 3.
    """
    # Unsigned, or numba asks of each index whether it counts from the end.
    at = np.uintp(place * channels)
    lit = np.uint8(0) if origin == OUTSIDE else np.uint8(255)
    start = np.uintp(max(origin, 0) * channels)
    new[at] = old[start] & lit
    if channels == 3:
        new[at + np.uintp(1)] = old[start + np.uintp(1)] & lit
        new[at + np.uintp(2)] = old[start + np.uintp(2)] & lit


@compiled
def warp_nearest(
    image: Image,
    spare: Image,
    across: tuple[float, float, float],
    down: tuple[float, float, float],
) -> None:
    """Set each pixel to the nearest one to where an affine map sends it; outside is black.

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
    old, new = image.reshape(-1), spare.reshape(-1)
    for row in range(height):
        y = np.float32(row) - top
        for column in range(width):
            x = np.float32(column) - left
            at_x = rounded(((x * x_x + y * x_y) + x_1 + one) * half_width - half)
            at_y = rounded(((x * y_x + y * y_y) + y_1 + one) * half_height - half)
            within = (at_x >= 0) & (at_x < width) & (at_y >= 0) & (at_y < height)
            place = np.int32(at_y) * np.int32(width) + np.int32(at_x)
            source[column] = place if within else np.int32(OUTSIDE)
        for column in range(width):
            copy_pixel(new, row * width + column, old, source[column], channels)
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
