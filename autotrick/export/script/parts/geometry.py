"""Operations that move pixels, on batches (N, H, W, C) of uint8 images."""

import numpy as np

from autotrick.export.script.parts.borders import edge
from autotrick.export.script.parts.streams import Array


def look_up(images: Array, rows: Array, columns: Array) -> Array:
    """Return the pixels at (N, H, W) rows and columns; -1 is black."""
    found = images[np.arange(len(images))[:, None, None], rows, columns]
    found[(rows < 0) | (columns < 0)] = 0
    return found


def shift(images: Array, down: Array, right: Array, border) -> Array:
    """Move the frame over each image by whole pixels."""
    _, height, width, _ = images.shape
    rows = border(np.arange(height) + down[:, None], height)[:, :, None]
    columns = border(np.arange(width) + right[:, None], width)[:, None, :]
    return look_up(images, *np.broadcast_arrays(rows, columns))


def affine(images: Array, maps: Array, border, sample) -> Array:
    """Set each pixel to what the image shows where its map (N, 2, 3) sends it, from the centre."""
    _, height, width, _ = images.shape
    left, top = 0.5 * (width - 1), 0.5 * (height - 1)
    x, y = np.arange(width) - left, (np.arange(height) - top)[:, None]
    a, b, c, d, e, f = maps.reshape(-1, 6, 1, 1).transpose(1, 0, 2, 3)
    return sample(images, d * x + e * y + f + top, a * x + b * y + c + left, border)


def nearest(images: Array, y: Array, x: Array, border) -> Array:
    """Return the nearest pixels."""
    _, height, width, _ = images.shape
    rows, columns = (np.floor(at + 0.5).astype(np.int64) for at in (y, x))
    return look_up(images, border(rows, height), border(columns, width))


def bilinear(images: Array, y: Array, x: Array, border) -> Array:
    """Return a blend of the four pixels around each position."""
    _, height, width, _ = images.shape
    upper, lefter = np.floor(y), np.floor(x)
    below, beside = ((a - b).astype(np.float32)[..., None] for a, b in ((y, upper), (x, lefter)))
    upper, lefter = upper.astype(np.int64), lefter.astype(np.int64)

    def line(rows: Array) -> Array:
        first, second = (
            look_up(images, border(rows, height), border(columns, width)).astype(np.float32)
            for columns in (lefter, lefter + 1)
        )
        return first + beside * (second - first)

    above = line(upper)
    blended = above + below * (line(upper + 1) - above)
    return np.rint(blended).clip(0, 255).astype(np.uint8)


def bicubic(images: Array, y: Array, x: Array, border) -> Array:
    """Return a weighted sum of the sixteen pixels around each position (a = -3/4)."""
    _, height, width, _ = images.shape
    upper, lefter = np.floor(y), np.floor(x)
    down, across = cubic(y - upper), cubic(x - lefter)
    total = np.float32(0)
    for i in range(4):
        rows = border(upper.astype(np.int64) - 1 + i, height)
        line = np.float32(0)
        for j in range(4):
            columns = border(lefter.astype(np.int64) - 1 + j, width)
            line = line + across[j] * look_up(images, rows, columns).astype(np.float32)
        total = total + down[i] * line
    return np.rint(total).clip(0, 255).astype(np.uint8)


def cubic(offset: Array) -> list[Array]:
    """Return the weights of the four pixels around a position, `offset` past the second."""
    a, t = np.float32(-0.75), offset.astype(np.float32)[..., None]
    s = np.float32(1) - t
    second = ((a + np.float32(2)) * t - (a + np.float32(3))) * t * t + np.float32(1)
    third = ((a + np.float32(2)) * s - (a + np.float32(3))) * s * s + np.float32(1)
    return [a * t * s * s, second, third, a * s * t * t]


def enlarge(images: Array, boxes: Array, sample) -> Array:
    """Stretch a box (top, left, height, width) of each image over the whole image."""
    _, height, width, _ = images.shape
    stretched = []
    for image, (top, left, high, wide) in zip(images, boxes.tolist(), strict=True):
        y = ((np.arange(height) + 0.5) * high / height - 0.5)[None, :, None]
        x = ((np.arange(width) + 0.5) * wide / width - 0.5)[None, None, :]
        part = image[None, top : top + high, left : left + wide]
        stretched.append(sample(part, *np.broadcast_arrays(y, x), edge)[0])
    return np.stack(stretched)
