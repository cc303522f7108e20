"""Tricks that mix the images of a batch with others of it, and their targets (N, K) alike."""

from itertools import pairwise

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor


def mixup(
    images: Tensor, targets: Tensor, rng: np.random.Generator, alpha: float
) -> tuple[Tensor, Tensor]:
    """Blend each image with a partner, by one share for the batch (Zhang et al., 2018)."""
    partner = torch.from_numpy(rng.permutation(len(images)))
    weight = float(rng.beta(alpha, alpha))
    images = torch.lerp(images[partner], images, weight)
    return images, torch.lerp(targets[partner], targets, weight)


def cutmix(
    images: Tensor, targets: Tensor, rng: np.random.Generator, alpha: float, probability: float
) -> tuple[Tensor, Tensor]:
    """Paste a box of a partner into each image (Yun et al., 2019)."""
    if rng.random() >= probability:
        return images, targets
    centre = rng.random(2)
    partner = torch.from_numpy(rng.permutation(len(images)))
    side = np.sqrt(1 - float(rng.beta(alpha, alpha)))
    height, width = images.shape[2:]
    edges = np.clip((centre - side / 2, centre + side / 2), 0, 1)
    (top, left), (bottom, right) = np.rint(edges * (height, width)).astype(int).tolist()
    mixed = images.clone()
    mixed[:, :, top:bottom, left:right] = images[:, :, top:bottom, left:right][partner]
    share = (bottom - top) * (right - left) / (height * width)
    return mixed, torch.lerp(targets, targets[partner], share)


def ricap(
    images: Tensor, targets: Tensor, rng: np.random.Generator, beta: float
) -> tuple[Tensor, Tensor]:
    """Patch each image together from parts of four (Takahashi et al., 2018)."""
    places = rng.random((4, 2))
    orders = [torch.from_numpy(rng.permutation(len(images))) for _ in range(4)]
    height, width = images.shape[2:]
    y, x = rng.beta(beta, beta, 2).tolist()
    rows, columns = (0, round(height * y), height), (0, round(width * x), width)
    corners = [(row, column) for row in pairwise(rows) for column in pairwise(columns)]
    patched, mixed = torch.empty_like(images), torch.zeros_like(targets)
    for order, place, ((top, bottom), (left, right)) in zip(orders, places, corners, strict=True):
        high, wide = bottom - top, right - left
        y, x = int(place[0] * (height - high + 1)), int(place[1] * (width - wide + 1))
        patched[:, :, top:bottom, left:right] = images[:, :, y : y + high, x : x + wide][order]
        mixed += targets[order] * (high * wide / (height * width))
    return patched, mixed


def resizemix(
    images: Tensor,
    targets: Tensor,
    rng: np.random.Generator,
    probability: float,
    smallest: float,
    largest: float,
) -> tuple[Tensor, Tensor]:
    """Paste a whole partner, made smaller, into each image (Qin et al., 2020)."""
    if rng.random() >= probability:
        return images, targets
    share = rng.uniform(smallest, largest)
    place = rng.random(2)
    partner = torch.from_numpy(rng.permutation(len(images)))
    whole = images.shape[2:]
    size = [round(share * side) for side in whole]
    if 0 in size:
        return images, targets
    small = F.interpolate(images[partner], size, mode="bilinear", antialias=True)
    top, left = (int(place[i] * (whole[i] - size[i] + 1)) for i in (0, 1))
    mixed = images.clone()
    mixed[:, :, top : top + size[0], left : left + size[1]] = small
    area = size[0] * size[1] / (whole[0] * whole[1])
    return mixed, torch.lerp(targets, targets[partner], area)


def fmix(
    images: Tensor, targets: Tensor, rng: np.random.Generator, alpha: float, decay: float
) -> tuple[Tensor, Tensor]:
    """Fill blobs of low-frequency noise in each image from a partner (Harris et al., 2020)."""
    partner = torch.from_numpy(rng.permutation(len(images)))
    share = float(rng.beta(alpha, alpha))
    size = height, width = images.shape[2], images.shape[3]
    noise = np.fft.rfft2(rng.standard_normal(size))
    frequency = np.sqrt(np.fft.fftfreq(height)[:, None] ** 2 + np.fft.rfftfreq(width) ** 2)
    smooth = np.fft.irfft2(noise / np.maximum(frequency, 1 / max(size)) ** decay, size)
    stays = np.zeros(height * width, bool)
    stays[np.argsort(-smooth.reshape(-1), kind="stable")[: round(share * stays.size)]] = True
    images = torch.where(torch.from_numpy(stays.reshape(size)), images, images[partner])
    return images, torch.lerp(targets[partner], targets, float(stays.mean()))
