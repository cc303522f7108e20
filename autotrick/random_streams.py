"""Counter-based randomness: a draw depends on its purpose, not on earlier draws.

Every consumer (initial weights, data order, each trick) has its own stream, keyed by (seed, name).
Inside a stream a draw is addressed by (update, sample), so switching one trick on moves no other
trick's draws, a resumed trial needs no saved generator, and neither the batch's composition nor the
number of processes matters.

Draws per sample hash the address with the finaliser of SplitMix64 (Steele, Lea, Flood, "Fast
splittable pseudorandom number generators", OOPSLA 2014); draws per update come from NumPy's Philox
(Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC 2011).
"""

import hashlib

import numpy as np
from numpy.typing import ArrayLike, NDArray

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_MIX_1 = np.uint64(0xBF58476D1CE4E5B9)
_MIX_2 = np.uint64(0x94D049BB133111EB)


def key_of(*parts: object) -> int:
    """Return a 63-bit hash of the parts' text, the same on every machine."""
    text = "\x1f".join(str(part) for part in parts)
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "big") >> 1


def _mix(x: NDArray[np.uint64]) -> NDArray[np.uint64]:
    x = x + _GOLDEN
    x = (x ^ (x >> np.uint64(30))) * _MIX_1
    x = (x ^ (x >> np.uint64(27))) * _MIX_2
    return x ^ (x >> np.uint64(31))


class Stream:
    """The draws of one consumer in one trial."""

    def __init__(self, seed: int, name: str) -> None:
        self.key = key_of(seed, name)

    def bits(self, update: int, samples: ArrayLike, count: int) -> NDArray[np.uint64]:
        """Return (len(samples), count) uniform 64-bit numbers, addressed by update and sample."""
        with np.errstate(over="ignore"):
            rows = _mix(self.at(update) ^ _mix(np.asarray(samples).astype(np.uint64)))
            return _mix(rows[:, None] + np.arange(1, count + 1, dtype=np.uint64) * _GOLDEN)

    def at(self, update: int) -> np.uint64:
        """Return the key of an update's draws, for compiled code that makes them."""
        with np.errstate(over="ignore"):
            place = _mix(np.array([self.key], np.uint64) ^ _mix(np.array([update], np.uint64)))
        return np.uint64(place[0])

    def uniform(self, update: int, samples: ArrayLike, count: int) -> NDArray[np.float64]:
        """Return (len(samples), count) numbers in [0, 1)."""
        high = (self.bits(update, samples, count) >> np.uint64(11)).astype(np.float64)
        return high * np.float64(2.0**-53)

    def generator(self, update: int = 0) -> np.random.Generator:
        """Return a NumPy generator for draws that the whole update shares."""
        return np.random.Generator(np.random.Philox(key=[self.key, update]))

    def torch_seed(self, update: int = 0) -> int:
        """Return a seed for code that insists on torch's own generator."""
        return key_of(self.key, update)
