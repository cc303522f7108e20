"""Augmentation policies: what is drawn for each image, and how it is applied."""

import math

import numpy as np
import torch
from torch import Tensor

from autotrick.export.script.parts.blurring import blur_each
from autotrick.export.script.parts.geometry import affine
from autotrick.export.script.parts.streams import Array, uniform

OPERATIONS: dict = {}
"""For each operation the function, the magnitude at strength 0, what strength 1 adds, and the sign."""
POLICY: list = []
NAMES: list = []


def augmented(image: Array, steps: list[tuple[str, float, float]]) -> Array:
    """Return an image (H, W, C) after steps of operation, strength and draw of the sign."""
    planes = torch.from_numpy(image).permute(2, 0, 1).contiguous()
    for name, strength, draw in steps:
        if name:
            operation, start, slope, signed = OPERATIONS[name]
            magnitude = start + slope * strength
            planes = operation(planes, -magnitude if signed and draw < 0.5 else magnitude)
    return planes.permute(1, 2, 0).numpy()


def toned(image: Array, steps: list[tuple[str, float]]) -> Array:
    """Return an image (H, W, C) after operations of a magnitude, one after the other."""
    planes = torch.from_numpy(image).permute(2, 0, 1).contiguous()
    for name, magnitude in steps:
        planes = OPERATIONS[name][0](planes, magnitude)
    return planes.permute(1, 2, 0).numpy()


def warp(image: Tensor, across: tuple, down: tuple) -> Tensor:
    """Look up the nearest pixels through an affine map, on torch's grid; black outside."""
    one, (_, height, width) = np.float32(1), image.shape
    x = np.arange(width, dtype=np.float32) - np.float32(0.5 * (width - 1))
    y = (np.arange(height, dtype=np.float32) - np.float32(0.5 * (height - 1)))[:, None]
    found = []
    for entries, side in ((down, height), (across, width)):
        half = np.float32(0.5 * side)
        a, b, c = np.float32(entries) / half
        found.append(np.rint((x * a + y * b + c + one) * half - np.float32(0.5)).astype(int))
    row, column = found
    inside = (row >= 0) & (row < height) & (column >= 0) & (column < width)
    moved = image[:, row.clip(0, height - 1), column.clip(0, width - 1)]
    return moved * torch.from_numpy(inside)


def warp_smoothly(image: Tensor, across: tuple, down: tuple, border, sample) -> Tensor:
    """Look up pixels through an affine map."""
    batch = image.permute(1, 2, 0).numpy()[None]
    moved = affine(batch, np.array([[across, down]]), border, sample)[0]
    return torch.from_numpy(moved).permute(2, 0, 1).contiguous()


def translate(image: Tensor, right: float, down: float, border) -> Tensor:
    """Move an image by pixels, cut to whole ones."""
    rows = border(np.arange(image.shape[1]) - int(down), image.shape[1])
    columns = border(np.arange(image.shape[2]) - int(right), image.shape[2])
    inside = torch.from_numpy((rows >= 0)[:, None] & (columns >= 0))
    return image[:, rows[:, None], columns] * inside


def shear_x(image: Tensor, tangent: float, warp) -> Tensor:
    """Shear an image along its rows."""
    return warp(image, (1.0, tangent, 0.5 * image.shape[1] * tangent), (0.0, 1.0, 0.0))


def shear_y(image: Tensor, tangent: float, warp) -> Tensor:
    """Shear an image along its columns."""
    return warp(image, (1.0, 0.0, 0.0), (tangent, 1.0, 0.5 * image.shape[2] * tangent))


def rotate(image: Tensor, degrees: float, warp) -> Tensor:
    """Turn an image to the left."""
    angle = math.radians(degrees % 360.0)
    sine, cosine = math.sin(angle), math.cos(angle)
    return warp(image, (cosine, -sine, 0.0), (sine, cosine, 0.0))


def turn_hue(image: Tensor, turn: float) -> Tensor:
    """Turn the colour circle by a share of it; gray images stay as they are."""
    if len(image) == 1:
        return image
    red, green, blue = image.numpy().astype(np.float32) / np.float32(255)
    top, low = np.maximum(np.maximum(red, green), blue), np.minimum(np.minimum(red, green), blue)
    span = top - low
    safe, two, four = np.where(span == 0, np.float32(1), span), np.float32(2), np.float32(4)
    place = np.where(top == green, two + (blue - red) / safe, four + (red - green) / safe)
    place = np.where(top == red, (green - blue) / safe, place) / np.float32(6) + np.float32(turn)
    place = (place - np.floor(place)) * np.float32(6)
    saturation = span / np.where(top == 0, np.float32(1), top)
    channels = []
    for offset in (5, 3, 1):
        k = (np.float32(offset) + place) % np.float32(6)
        part = np.minimum(np.minimum(k, four - k), np.float32(1)).clip(0)
        channels.append(np.where(span == 0, top, top - top * saturation * part))
    levels = np.stack(channels) * np.float32(255.999)
    return torch.from_numpy(levels.clip(0, 255).astype(np.uint8))


def policy_steps(which: float, draws: list[float]) -> list[tuple[str, float, float]]:
    """Return the steps of one sub-policy: draws say which, whether each is used, and its sign."""
    steps = zip(POLICY[int(which * len(POLICY))], draws[::2], draws[1::2], strict=False)
    return [(name, strength, sign) for (name, chance, strength), use, sign in steps if use < chance]


def auto_augment(images: Array, samples: Array, update: int, probability: float) -> Array:
    """Apply one sub-policy to each image with this probability (Cubuk et al., 2019)."""
    draws = uniform("auto_augment", update, samples, 2 + 2 * max(map(len, POLICY)))
    for i, (use, which, *rest) in enumerate(draws.tolist()):
        if use < probability:
            images[i] = augmented(images[i], policy_steps(which, rest))
    return images


def searched_policy(images: Array, samples: Array, update: int) -> Array:
    """Apply one sub-policy to each image."""
    draws = uniform("searched_policy", update, samples, 1 + 2 * max(map(len, POLICY)))
    for i, (which, *rest) in enumerate(draws.tolist()):
        images[i] = augmented(images[i], policy_steps(which, rest))
    return images


def rand_augment(
    images: Array, samples: Array, update: int, num_ops: int, strength: float
) -> Array:
    """Apply operations at random, all of one strength (Cubuk et al., 2020)."""
    names = ["", *OPERATIONS]
    for i, row in enumerate(uniform("rand_augment", update, samples, 2 * num_ops).tolist()):
        draws = zip(row[::2], row[1::2], strict=True)
        steps = [(names[int(which * len(names))], strength, sign) for which, sign in draws]
        images[i] = augmented(images[i], steps)
    return images


def trivial_augment(images: Array, samples: Array, update: int, probability: float) -> Array:
    """Apply one operation to each image at one of 31 strengths (Mueller and Hutter, 2021)."""
    names, draws = ["", *OPERATIONS], uniform("trivial_augment", update, samples, 4)
    for i, (use, which, strength, sign) in enumerate(draws.tolist()):
        if use < probability:
            step = (names[int(which * len(names))], int(strength * 31) / 30, sign)
            images[i] = augmented(images[i], [step])
    return images


def policy_schedule(
    images: Array, samples: Array, update: int, progress: float, starts: list
) -> Array:
    """Apply up to two operations of the stage at hand to each image (Ho et al., 2019)."""
    stage = POLICY[sum(start <= progress for start in starts) - 1]
    draws = uniform("policy_schedule", update, samples, 1 + 3 * max(map(len, POLICY)))
    orders = np.argsort(draws[:, 1::3], axis=1)
    for i, (most, *row) in enumerate(draws.tolist()):
        steps = []
        for place in orders[i].tolist():
            if place < len(stage) and row[3 * place + 1] < stage[place][1] and stage[place][0]:
                steps.append((stage[place][0], stage[place][2], row[3 * place + 2]))
        images[i] = augmented(images[i], steps[: (most >= 0.2) + (most >= 0.5)])
    return images


def timm_rand_augment(  # noqa: PLR0913 -- as timm has them
    images: Array,
    samples: Array,
    update: int,
    num_ops: int,
    magnitude: float,
    deviation: float,
    probability: float,
    increasing: bool,
) -> Array:
    """Apply operations at random, their strengths normally distributed (as timm does)."""
    names, draws = list(OPERATIONS), uniform("timm_rand_augment", update, samples, 5 * num_ops)
    use, which, signs, first, second = np.split(draws, 5, axis=1)
    noise = np.sqrt(-2 * np.log1p(-first)) * np.cos(2 * np.pi * second)
    levels = np.clip(magnitude + deviation * noise, 0, 10)
    strengths = (magnitude * first if deviation >= 100 else levels) / 10
    for i in range(len(images)):
        steps = []
        for j in np.flatnonzero(use[i] < probability):
            name, strength = names[int(which[i, j] * len(names))], strengths[i, j]
            if name == "Posterize":
                strength = np.floor(4 * strength) / 4
            elif name == "Solarize":
                strength = (np.floor(256 * strength) - increasing) / 255
            steps.append((name, float(strength), signs[i, j]))
        images[i] = augmented(images[i], steps)
    return images


def sometimes(  # noqa: PLR0913 -- what the operation needs
    images: Array,
    samples: Array,
    update: int,
    trick: str,
    operation: str,
    probability: float,
    magnitude: float = 0.0,
) -> Array:
    """Apply one operation to images with this probability."""
    for i in np.flatnonzero(uniform(trick, update, samples, 1)[:, 0] < probability):
        images[i] = toned(images[i], [(operation, magnitude)])
    return images


def colour_jitter(images: Array, samples: Array, update: int, strength: float, hue: float) -> Array:
    """Change brightness, contrast, saturation and hue in an order of each image's own."""
    for i, draws in enumerate(uniform("colour_jitter", update, samples, 8)):
        images[i] = toned(images[i], jittered(draws, strength, hue))
    return images


def jittered(draws: Array, strength: float, hue: float) -> list[tuple[str, float]]:
    """Return operations and magnitudes of a colour jitter, in the order drawn."""
    names = ["Brightness", "Contrast", "Color", "Hue"]
    amounts = (2 * draws[:4] - 1) * ([strength] * 3 + [hue])
    return [(names[k], float(amounts[k])) for k in draws[4:].argsort()]


def three_augment(
    images: Array, samples: Array, update: int, probability: float, jitter: float
) -> Array:
    """Gray, solarize or blur each image, and change its colours (Touvron et al., 2022)."""
    draws = uniform("three_augment", update, samples, 11)
    chosen, on = (draws[:, 0] * 3).astype(np.int64), draws[:, 1] < probability
    sigmas = (0.1 + 1.9 * draws[:, 2]) / 224 * min(images.shape[1:3])
    images = blur_each(images, np.where(on & (chosen == 2), sigmas, 0.0))
    for i in np.flatnonzero(on):
        first = [[("Color", -1.0)], [("Solarize", 128 / 255)], []][chosen[i]]
        images[i] = toned(images[i], first + jittered(draws[i, 3:], jitter, 0.0))
    return images


def augmix(  # noqa: PLR0913 -- the settings
    images: Array,
    samples: Array,
    update: int,
    severity: int,
    width: int,
    depth: int,
    name: str = "augmix",
) -> Array:
    """Blend each image with chains of operations on it (Hendrycks et al., 2020)."""
    names, each = list(OPERATIONS), 1 + 3 * (depth or 3)
    draws = uniform(name, update, samples, 1 + width * (1 + each))
    shares = -np.log1p(-draws[:, 1 : 1 + width])
    shares /= np.maximum(shares.sum(axis=1, keepdims=True), np.finfo(np.float64).tiny)
    weights = np.concatenate([1 - draws[:, :1], draws[:, :1] * shares], axis=1).astype(np.float32)
    for i, row in enumerate(draws[:, 1 + width :]):
        total = weights[i, 0] * images[i].astype(np.float32)
        for weight, (long, *chain) in zip(weights[i, 1:], row.reshape(width, each), strict=True):
            length = depth or 1 + int(long * 3)
            steps = [
                (names[int(which * len(names))], (0.1 + (severity - 0.1) * much) / 10, sign)
                for which, much, sign in np.reshape(chain, (-1, 3))[:length].tolist()
            ]
            total = total + weight * augmented(images[i], steps).astype(np.float32)
        images[i] = np.rint(total).clip(0, 255).astype(np.uint8)
    return images
