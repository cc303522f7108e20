"""Noise: each value of an image has its own draw, which the image's key decides.

Draws are those of SplitMix64, as in `autotrick.random_streams`: the i-th hash of an image is a function of its
key and of i alone.
"""

import numpy as np
from numpy.typing import NDArray

from autotrick.augment.kernels.colours import byte
from autotrick.augment.kernels.compiled import compiled, fused, rounded

Image = NDArray[np.uint8]

GOLDEN = np.uint64(0x9E3779B97F4A7C15)
MIX_1 = np.uint64(0xBF58476D1CE4E5B9)
MIX_2 = np.uint64(0x94D049BB133111EB)
PART = np.uint64(0xFFFF)
HALF = np.uint64(0xFFFFFFFF)


@compiled
def bits_at(key: np.uint64, i: int) -> np.uint64:
    """Return the i-th 64 uniform bits of a key."""
    x = key + np.uint64(i + 1) * GOLDEN
    x = (x ^ (x >> np.uint64(30))) * MIX_1
    x = (x ^ (x >> np.uint64(27))) * MIX_2
    return x ^ (x >> np.uint64(31))


@compiled
def add_noise(
    image: Image, key: np.uint64, sigma: np.float32, quantiles: NDArray[np.float32]
) -> None:
    """Add normal noise to every value.

    Args:
        image: (H, W, C).
        key: Decides the noise.
        sigma: Standard deviation in levels.
        quantiles: (65536,) of the standard normal distribution, one for each 16 bits.
    """
    values = image.reshape(-1)
    for i in range(0, len(values), 4):
        bits = bits_at(key, i >> 2)
        for j in range(i, min(i + 4, len(values))):
            z = quantiles[bits & PART]
            bits >>= np.uint64(16)
            values[j] = byte(rounded(fused(z, sigma, np.float32(values[j]))))


@compiled
def salt_and_pepper(image: Image, key: np.uint64, amount: float) -> None:
    """Set pixels, all channels alike, to black or white, each with half of the chance `amount`."""
    channels = image.shape[2]
    pixels = image.reshape(-1, channels)
    limit = np.uint64(amount * 4294967296.0)
    for i in range(0, len(pixels), 2):
        bits = bits_at(key, i >> 1)
        for j in range(i, min(i + 2, len(pixels))):
            found = bits & HALF
            bits >>= np.uint64(32)
            if found < limit:
                level = np.uint8(255) if found & np.uint64(1) else np.uint8(0)
                for c in range(channels):
                    pixels[j, c] = level
