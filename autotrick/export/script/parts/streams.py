"""Counter-based random numbers, the same as those of `autotrick.random_streams`."""

import hashlib

import numpy as np

SEED = 0
Array = np.ndarray
GOLDEN = np.uint64(0x9E3779B97F4A7C15)


def key_of(*parts: object) -> int:
    """Return a 63-bit hash of the parts' text."""
    text = "\x1f".join(map(str, parts))
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "big") >> 1


def mix(x: Array) -> Array:
    """Return 64-bit numbers with their bits well mixed (the finaliser of SplitMix64)."""
    x = x + GOLDEN
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return x ^ (x >> np.uint64(31))


def bits(name: str, update: int, samples: Array, count: int, seed: int = SEED) -> Array:
    """Return (N, count) random 64-bit numbers that depend on name, update and sample alone."""
    key, update = (np.array([part], np.uint64) for part in (key_of(seed, name), update))
    rows = mix(mix(key ^ mix(update)) ^ mix(samples.astype(np.uint64)))
    return mix(rows[:, None] + np.arange(1, count + 1, dtype=np.uint64) * GOLDEN)


def uniform(name: str, update: int, samples: Array, count: int) -> Array:
    """Return (N, count) numbers in [0, 1)."""
    return (bits(name, update, samples, count) >> np.uint64(11)) * 2.0**-53


def generator(name: str, update: int = 0) -> np.random.Generator:
    """Return a generator for draws that a whole batch shares."""
    return np.random.Generator(np.random.Philox(key=[key_of(SEED, name), update]))


def torch_seed(name: str, update: int = 0, seed: int = SEED) -> int:
    """Return a seed for torch's own generator."""
    return key_of(key_of(seed, name), update)
