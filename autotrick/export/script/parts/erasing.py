"""Tricks that hide parts of normalised images (N, C, H, W), in place."""

import numpy as np
import torch
from torch import Tensor

from autotrick.export.script.parts.data import Data
from autotrick.export.script.parts.streams import Array, uniform


def hide(images: Tensor, hidden: Array) -> Tensor:
    """Set the hidden pixels (N, H, W) to the mean colour."""
    images.permute(0, 2, 3, 1)[torch.from_numpy(hidden)] = 0
    return images


def covered(low: Array, high: Array, size: tuple) -> Array:
    """Return (N, H, W) whether a pixel lies in its image's box, from low to below high (N, 2)."""
    places = [np.arange(side) for side in size]
    rows, columns = (
        (low[:, i, None] <= places[i]) & (places[i] < high[:, i, None]) for i in (0, 1)
    )
    return rows[:, :, None] & columns[:, None, :]


def holes(draws: Array, side: int, size: tuple) -> Array:
    """Return (N, H, W) whether a pixel lies in one of its image's squares, by (N, n, 2) centres."""
    low = (draws * size).astype(np.int64) - side // 2
    parts = [covered(low[:, i], low[:, i] + side, size) for i in range(low.shape[1])]
    return np.any(parts, axis=0)


def cutout(images: Tensor, samples: Array, update: int, length: float) -> Tensor:
    """Hide a square of each image (DeVries and Taylor, 2017)."""
    size = images.shape[2:]
    side = round(length * min(size))
    low = (uniform("cutout", update, samples, 2) * size).astype(np.int64) - side // 2
    return hide(images, covered(low, low + side, size))


def cutout_several(
    images: Tensor, samples: Array, update: int, length: float, count: int
) -> Tensor:
    """Hide squares of each image (DeVries and Taylor, 2017)."""
    size = images.shape[2:]
    draws = uniform("cutout", update, samples, 2 * count).reshape(-1, count, 2)
    return hide(images, holes(draws, round(length * min(size)), size))


def erased(
    images: Tensor,
    samples: Array,
    update: int,
    probability: float,
    area: tuple[float, float],
    aspect: float,
) -> Array:
    """Return (N, H, W) whether a pixel lies in a random rectangle (Zhong et al., 2020)."""
    size = height, width = images.shape[2:]
    draws = uniform("random_erasing", update, samples, 23)
    attempts = draws[:, 3:].reshape(-1, 10, 2)
    pixels = height * width * (area[0] + (area[1] - area[0]) * attempts[:, :, 0])
    ratio = np.exp(np.log(aspect) * (1 - 2 * attempts[:, :, 1]))
    sides = np.rint(np.sqrt(np.stack((pixels * ratio, pixels / ratio), axis=2))).astype(np.int64)
    fits = ((sides > 0) & (sides < size)).all(axis=2)
    side = sides[np.arange(len(draws)), fits.argmax(axis=1)] * fits.any(axis=1)[:, None]
    low = (draws[:, 1:3] * (np.array(size) - side + 1)).astype(np.int64)
    low *= fits.any(axis=1)[:, None]
    return covered(low, (low + side) * (draws[:, :1] < probability), size)


def fill_with_noise(
    images: Tensor, hidden: Array, samples: Array, update: int, data: Data
) -> Tensor:
    """Set each hidden pixel (N, H, W) to a random colour."""
    n, y, x = np.nonzero(hidden)
    places = (samples[n] * hidden.shape[1] + y) * hidden.shape[2] + x
    colours = uniform("random_erasing.fill", update, places, images.shape[1])
    shades = ((colours - data.mean) / data.std).astype(np.float32)
    images.permute(0, 2, 3, 1)[torch.from_numpy(hidden)] = torch.from_numpy(shades)
    return images


def fill_with_black(images: Tensor, hidden: Array, data: Data) -> Tensor:
    """Set the hidden pixels (N, H, W) to black."""
    shade = ((np.zeros(images.shape[1]) - data.mean) / data.std).astype(np.float32)
    images.permute(0, 2, 3, 1)[torch.from_numpy(hidden)] = torch.from_numpy(shade)
    return images


def grid_mask(
    images: Tensor,
    samples: Array,
    update: int,
    chance: float,
    span: tuple[float, float],
    ratio: float,
) -> Tensor:
    """Hide a grid of squares (Chen et al., 2020)."""
    if chance == 0:
        return images
    size = images.shape[2:]
    low, high = (max(2, round(share * min(size))) for share in span)
    draws = uniform("grid_mask", update, samples, 4)
    period = low + (draws[:, 1] * (high - low + 1)).astype(np.int64)
    visible = np.clip(np.rint(ratio * period).astype(np.int64), 1, period - 1)
    lines = []
    for axis in (0, 1):
        offset = (draws[:, 2 + axis] * period).astype(np.int64)
        place = (np.arange(size[axis]) + offset[:, None]) % period[:, None]
        lines.append(place >= visible[:, None])
    hidden = lines[0][:, :, None] & lines[1][:, None, :]
    return hide(images, hidden & (draws[:, 0] < chance)[:, None, None])


def hide_and_seek(
    images: Tensor, samples: Array, update: int, probability: float, cells: int
) -> Tensor:
    """Hide cells of a grid (Singh and Lee, 2017)."""
    chosen = uniform("hide_and_seek", update, samples, cells**2) < probability
    rows, columns = (np.arange(side) * cells // side for side in images.shape[2:])
    return hide(images, chosen.reshape(-1, cells, cells)[:, rows[:, None], columns])


def dual_cutout(
    images: Tensor, targets: Tensor, samples: Array, update: int, side: int
) -> tuple[Tensor, Tensor]:
    """Return two views of each image with different holes (Kawaguchi et al., 2018)."""
    draws = uniform("dual_cutout", update, samples, 4).reshape(-1, 2, 1, 2)
    views = [hide(images.clone(), holes(draws[:, i], side, images.shape[2:])) for i in (0, 1)]
    return torch.cat(views), torch.cat([targets] * 2)
