"""Tricks on uint8 images (N, H, W, C): each takes the samples and the update, which address draws."""

import io
from itertools import permutations
from statistics import NormalDist

import numpy as np
from PIL import Image

from autotrick.export.script.parts.geometry import enlarge, shift
from autotrick.export.script.parts.streams import GOLDEN, Array, bits, mix, uniform
from autotrick.export.script.parts.tones import add, scale_contrast, to_bytes


def flip(images: Array, samples: Array, update: int, probability: float) -> Array:
    """Mirror images left to right with this probability."""
    chosen = uniform("flip", update, samples, 1)[:, 0] < probability
    images[chosen] = images[chosen, :, ::-1]
    return images


def alternating_flip(images: Array, samples: Array, epoch: int) -> Array:
    """Mirror half of the images left to right, and the other half in the next epoch."""
    chosen = (uniform("alternating_flip", 0, samples, 1)[:, 0] < 0.5) ^ (epoch % 2 == 1)
    images[chosen] = images[chosen, :, ::-1]
    return images


def vertical_flip(images: Array, samples: Array, update: int, probability: float) -> Array:
    """Mirror images upside down with this probability."""
    chosen = uniform("vertical_flip", update, samples, 1)[:, 0] < probability
    images[chosen] = images[chosen, ::-1]
    return images


def right_angle(images: Array, samples: Array, update: int, probability: float) -> Array:
    """Turn images by quarters of a circle with this probability; others than squares by two."""
    draws = uniform("right_angle", update, samples, 2)
    ways = np.array([1, 2, 3] if images.shape[1] == images.shape[2] else [2])
    quarters = ways[(draws[:, 1] * len(ways)).astype(np.int64)]
    for quarter in ways:
        chosen = (draws[:, 0] < probability) & (quarters == quarter)
        images[chosen] = np.rot90(images[chosen], quarter, axes=(1, 2))
    return images


def pad_crop(images: Array, samples: Array, update: int, padding: float, mode: str) -> Array:
    """Frame images, and cut their old size out at random (He et al., 2016)."""
    height, width = images.shape[1:3]
    most = np.rint(padding * np.array((height, width))).astype(np.int64)
    corners = (uniform("pad_crop", update, samples, 2) * (2 * most + 1)).astype(np.int64)
    framed = np.pad(images, ((0, 0), (most[0],) * 2, (most[1],) * 2, (0, 0)), mode)
    parts = zip(framed, corners, strict=True)
    return np.stack([image[y : y + height, x : x + width] for image, (y, x) in parts])


def random_crop(images: Array, samples: Array, update: int, share: float) -> Array:
    """Cut a part out of each image."""
    size = np.array([max(1, round(share * side)) for side in images.shape[1:3]])
    draws = uniform("random_crop", update, samples, 2)
    corners = (draws * (np.array(images.shape[1:3]) - size + 1)).astype(np.int64).tolist()
    parts = zip(images, corners, strict=True)
    return np.stack([i[top : top + size[0], left : left + size[1]] for i, (top, left) in parts])


def crop_resize(
    images: Array, samples: Array, update: int, smallest: float, aspect: float, sample
) -> Array:
    """Stretch a part of each image over all of it (Szegedy et al., 2015)."""
    draws = uniform("crop_resize", update, samples, 22)
    height, width = images.shape[1:3]
    areas = height * width * (smallest + (1 - smallest) * draws[:, :10])
    ratios = aspect ** (2 * draws[:, 10:-2] - 1)
    wide = np.rint(np.sqrt(areas * ratios)).astype(np.int64)
    high = np.rint(np.sqrt(areas / ratios)).astype(np.int64)
    fits = (wide > 0) & (wide <= width) & (high > 0) & (high <= height)
    rows, first, found = np.arange(len(draws)), fits.argmax(axis=1), fits.any(axis=1)
    wide = np.where(found, wide[rows, first], min(width, round(height * aspect)))
    high = np.where(found, high[rows, first], min(height, round(width * aspect)))
    top = np.where(found, draws[:, -2] * (height - high + 1), (height - high) // 2)
    left = np.where(found, draws[:, -1] * (width - wide + 1), (width - wide) // 2)
    boxes = np.stack([top, left, high, wide], axis=1).astype(np.int64)
    return enlarge(images, boxes, sample)


def maps_of(a: Array, b: Array, c: Array, d: Array) -> Array:
    """Return the affine maps (N, 2, 3) with these matrices, about the centre."""
    nothing = np.zeros(len(a))
    return np.stack([a, b, nothing, c, d, nothing], axis=1).reshape(-1, 2, 3)


def random_scale(
    images: Array, samples: Array, update: int, smallest: float, largest: float, warp
) -> Array:
    """Zoom each image by a factor between two."""
    draws = uniform("scale", update, samples, 1)[:, 0]
    shrunk = smallest ** (-(1 - draws)) * largest ** (-draws)
    nothing = np.zeros(len(images))
    return warp(images, maps_of(shrunk, nothing, nothing, shrunk))


def random_rotation(images: Array, samples: Array, update: int, degrees: float, warp) -> Array:
    """Turn each image by up to so many degrees to either side."""
    draws = uniform("rotate", update, samples, 1)[:, 0]
    angles = np.radians((2 * draws - 1) * degrees)
    sine, cosine = np.sin(angles), np.cos(angles)
    return warp(images, maps_of(cosine, -sine, sine, cosine))


def random_shear(images: Array, samples: Array, update: int, tangent: float, warp) -> Array:
    """Shear each image along both axes."""
    across, down = ((2 * uniform("shear", update, samples, 2) - 1) * tangent).T
    ones = np.ones(len(images))
    return warp(images, maps_of(ones, across, down, ones))


def random_translation(
    images: Array, samples: Array, update: int, distance: float, axes: tuple[bool, bool], warp
) -> Array:
    """Move each image by up to a share of its sides; `axes` says whether along x and y."""
    sides = np.array(images.shape[2:0:-1])
    draws = uniform("translate", update, samples, 2)
    maps = maps_of(*np.eye(2).reshape(4, 1).repeat(len(images), axis=1))
    maps[:, :, 2] = (2 * draws - 1) * distance * sides * np.array(axes)
    return warp(images, maps)


def random_whole_translation(
    images: Array, samples: Array, update: int, distance: float, axes: tuple[bool, bool], border
) -> Array:
    """Move each image by whole pixels, up to a share of its sides; `axes` says whether x and y."""
    sides = np.array(images.shape[2:0:-1])
    draws = uniform("translate", update, samples, 2)
    moves = np.rint((2 * draws - 1) * distance * sides * np.array(axes)).astype(np.int64)
    return shift(images, moves[:, 1], moves[:, 0], border)


def random_brightness(images: Array, samples: Array, update: int, delta: float) -> Array:
    """Add up to a share of the range to each image, or take it away."""
    deltas = (2 * uniform("brightness", update, samples, 1) - 1) * (255 * delta)
    return add(images, np.repeat(deltas, images.shape[3], axis=1))


def colour_shift(images: Array, samples: Array, update: int, delta: float) -> Array:
    """Add up to a share of the range to each channel of each image, or take it away."""
    draws = uniform("colour_shift", update, samples, images.shape[3])
    return add(images, (2 * draws - 1) * (255 * delta))


def random_contrast(images: Array, samples: Array, update: int, spread: float) -> Array:
    """Multiply distances from the mean of each channel by a factor around 1."""
    draws = uniform("contrast", update, samples, 1)[:, 0]
    return scale_contrast(images, 1 + (2 * draws - 1) * spread)


def channel_permutation(images: Array, samples: Array, update: int, probability: float) -> Array:
    """Give the channels of images another order with this probability."""
    if images.shape[3] == 1:
        return images
    orders = np.array(list(permutations(range(images.shape[3]))))
    draws = uniform("channel_permutation", update, samples, 2)
    drawn = np.where(draws[:, 0] < probability, (draws[:, 1] * len(orders)).astype(int), 0)
    return np.take_along_axis(images, orders[drawn][:, None, None], axis=3)


def principal_colours(images: Array) -> tuple[Array, Array]:
    """Return the directions in which colours vary most, and their variances."""
    every = -(-len(images) // 10_000)
    colours = images[::every].reshape(-1, images.shape[3])
    total, squares = np.zeros(colours.shape[1]), np.zeros((colours.shape[1],) * 2)
    for start in range(0, len(colours), 1 << 20):
        part = colours[start : start + (1 << 20)] / 255.0
        total += part.sum(axis=0)
        squares += part.T @ part
    mean = total / len(colours)
    variances, directions = np.linalg.eigh(squares / len(colours) - np.outer(mean, mean))
    largest = np.abs(directions).argmax(axis=0)
    signs = np.sign(directions[largest, np.arange(len(largest))])
    return directions * signs, np.maximum(variances, 0.0)


def pca_colour(
    images: Array, samples: Array, update: int, alpha: float, directions: Array, variances: Array
) -> Array:
    """Add multiples of the principal colours to each image (Krizhevsky et al., 2012)."""
    draws = uniform("pca_colour", update, samples, 2 * len(variances))
    half = len(variances)
    normals = np.sqrt(-2 * np.log1p(-draws[:, :half])) * np.cos(2 * np.pi * draws[:, half:])
    return add(images, 255 * (alpha * normals * variances @ directions.T))


def words_of(name: str, update: int, samples: Array, count: int, size: int) -> Array:
    """Return (N, count) random numbers of so many bits; the first is the lowest part of a draw."""
    keys, parts = bits(name, update, samples, 1), 64 // size
    wide = mix(keys + np.arange(-(-count // parts), dtype=np.uint64) * GOLDEN)
    shifts = np.arange(parts, dtype=np.uint64) * np.uint64(size)
    words = wide[:, :, None] >> shifts & np.uint64((1 << size) - 1)
    return words.reshape(len(samples), -1)[:, :count]


def gaussian_noise(images: Array, samples: Array, update: int, sigma: float) -> Array:
    """Add normal noise with a deviation of a share of the range."""
    normal = NormalDist()
    quantiles = np.array([normal.inv_cdf((i + 0.5) / 65536) for i in range(65536)], np.float32)
    words = words_of("gaussian_noise", update, samples, images[0].size, 16)
    noise = quantiles[words].reshape(images.shape).astype(np.float64)
    noisy = (noise * np.float32(255 * sigma) + images).astype(np.float32)
    return to_bytes(np.rint(noisy))


def salt_and_pepper(images: Array, samples: Array, update: int, amount: float) -> Array:
    """Set a share of the pixels to black or white."""
    words = words_of("salt_and_pepper", update, samples, images[0, ..., 0].size, 32)
    words = words.reshape(*images.shape[:3], 1)
    levels = (words & np.uint64(1)).astype(np.uint8) * np.uint8(255)
    return np.where(words < np.uint64(amount * 4294967296.0), levels, images)


def jpeg(images: Array, samples: Array, update: int, probability: float, worst: int) -> Array:
    """Compress images as JPEG of a random quality, and open them again."""
    draws = uniform("jpeg", update, samples, 2)
    qualities = worst + (draws[:, 1] * (96 - worst)).astype(np.int64)
    for i in np.flatnonzero(draws[:, 0] < probability):
        buffer = io.BytesIO()
        plain = images[i, ..., 0] if images.shape[3] == 1 else images[i]
        Image.fromarray(plain).save(buffer, "JPEG", quality=int(qualities[i]))
        images[i] = np.asarray(Image.open(buffer)).reshape(images.shape[1:])
    return images


def augmentation_curriculum(
    images: Array, plain: Array, samples: Array, update: int, share: float
) -> Array:
    """Leave all but a share of the images without augmentation."""
    if share == 1:
        return images
    chosen = uniform("augmentation_curriculum", update, samples, 1)[:, 0] >= share
    images[chosen] = plain[chosen]
    return images
