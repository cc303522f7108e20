"""Loops over the images of a batch (N, H, W, C) for the tricks of one operation."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from autotrick.augment.kernels.colours import byte, levels, stretch
from autotrick.augment.kernels.compiled import entry_point, nearest, sources
from autotrick.augment.kernels.filters import blur
from autotrick.augment.kernels.noise import grain, speckle
from autotrick.augment.kernels.warps import affine, enlarge, turn

Images = NDArray[np.uint8]
Integers = NDArray[np.int64]
Keys = NDArray[np.uint64]
Floats = NDArray[np.float64]
Floats32 = NDArray[np.float32]


def _turns(version: str) -> Callable[[Images, Integers], None]:
    @entry_point
    def turns(images: Images, ways: Integers) -> None:
        """Turn each image its way; 0 leaves it."""
        _ = version
        spare = np.empty(images.shape[1:], np.uint8)
        for i in range(len(images)):
            if ways[i] != 0:
                turn(images[i], spare, ways[i])

    return turns


def _warps(version: str) -> Callable[[Images, Floats, int, int], None]:
    @entry_point
    def warps(images: Images, places: Floats, border: int, way: int) -> None:
        """Look up the pixels of each image by its own affine map (6,)."""
        _ = version
        spare = np.empty(images.shape[1:], np.uint8)
        for i in range(len(images)):
            p = places[i]
            affine(images[i], spare, (p[0], p[1], p[2]), (p[3], p[4], p[5]), border, way)

    return warps


def _enlarges(version: str) -> Callable[[Images, Integers, int], None]:
    @entry_point
    def enlarges(images: Images, boxes: Integers, way: int) -> None:
        """Stretch a box (4,) of each image over all of it."""
        _ = version
        spare = np.empty(images.shape[1:], np.uint8)
        for i in range(len(images)):
            enlarge(images[i], spare, boxes[i], way)

    return enlarges


def _blurs(version: str) -> Callable[[Images, Floats], None]:
    @entry_point
    def blurs(images: Images, sigmas: Floats) -> None:
        """Blur each image by its own number of pixels; 0 leaves it."""
        _ = version
        smooth = np.empty(images.shape[1:], np.float32)
        for i in range(len(images)):
            if sigmas[i] > 0:
                blur(images[i], smooth, sigmas[i])

    return blurs


def _shifts(version: str) -> Callable[[Images, Floats32, Floats32], None]:
    @entry_point
    def shifts(images: Images, gains: Floats32, offsets: Floats32) -> None:
        """Multiply by each image's gain and add its offset, for each channel."""
        _ = version
        for i in range(len(images)):
            levels(images[i], gains[i], offsets[i])

    return shifts


def _stretches(version: str) -> Callable[[Images, Floats32], None]:
    @entry_point
    def stretches(images: Images, factors: Floats32) -> None:
        """Multiply the distances from each channel's mean by each image's factor."""
        _ = version
        gains = np.empty((2, images.shape[3]), np.float32)
        for i in range(len(images)):
            stretch(images[i], factors[i], gains)

    return stretches


def _grains(version: str) -> Callable[[Images, Keys, Floats32, Floats32], None]:
    @entry_point
    def grains(images: Images, keys: Keys, sigmas: Floats32, quantiles: Floats32) -> None:
        """Add normal noise of each image's own strength."""
        _ = version
        for i in range(len(images)):
            grain(images[i], keys[i], sigmas[i], quantiles)

    return grains


def _speckles(version: str) -> Callable[[Images, Keys, Floats], None]:
    @entry_point
    def speckles(images: Images, keys: Keys, amounts: Floats) -> None:
        """Blacken and whiten a share of each image's pixels."""
        _ = version
        for i in range(len(images)):
            speckle(images[i], keys[i], amounts[i])

    return speckles


def _mixes(version: str) -> Callable[[Floats32, Images, Floats32], None]:
    @entry_point
    def mixes(sums: Floats32, images: Images, weights: Floats32) -> None:
        """Add each image, by its own weight, to its sum."""
        _ = version
        for i in range(len(images)):
            total, values, weight = sums[i].reshape(-1), images[i].reshape(-1), weights[i]
            for j in range(len(values)):
                total[j] += weight * np.float32(values[j])

    return mixes


def _rounds(version: str) -> Callable[[Floats32, Images], None]:
    @entry_point
    def rounds(sums: Floats32, images: Images) -> None:
        """Set each image to its sum, rounded."""
        _ = version
        total, values = sums.reshape(-1), images.reshape(-1)
        for j in range(len(values)):
            values[j] = byte(nearest(total[j]))

    return rounds


_VERSION = sources()
turns, warps = _turns(_VERSION), _warps(_VERSION)
enlarges, blurs = _enlarges(_VERSION), _blurs(_VERSION)
shifts, stretches = _shifts(_VERSION), _stretches(_VERSION)
grains, speckles = _grains(_VERSION), _speckles(_VERSION)
mixes, rounds = _mixes(_VERSION), _rounds(_VERSION)
