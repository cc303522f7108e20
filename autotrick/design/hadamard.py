"""Plackett-Burman designs, from Hadamard matrices.

Plackett and Burman, "The design of optimum multifactorial experiments", Biometrika, 1946: k factors
of two levels in n runs, a multiple of four above k, with orthogonal main effects
(https://doi.org/10.1093/biomet/33.4.305). The matrices are Paley's (1933) for primes, and doublings
of smaller ones.
"""

from functools import cache

import numpy as np
from numpy.typing import NDArray

Signs = NDArray[np.int64]


@cache
def hadamard(order: int) -> Signs | None:
    """Return (order, order) orthogonal signs whose first column is 1; None if no construction fits."""
    if order in (1, 2):
        return np.array([[1, 1], [1, -1]], np.int64)[:order, :order]
    if order % 4:
        return None
    if _is_prime(order - 1):
        return _normal(_paley(order - 1))
    half = hadamard(order // 2)
    if half is not None:
        return _normal(np.kron(np.array([[1, 1], [1, -1]]), half))
    if (order // 2) % 2 == 0 and _is_prime(order // 2 - 1) and (order // 2 - 1) % 4 == 1:
        return _normal(_paley_symmetric(order // 2 - 1))
    return None


def plackett_burman(runs: int, factors: int, rng: np.random.Generator) -> Signs | None:
    """Return (runs, factors) signs with orthogonal, balanced columns; None if there is no such design.

    Which columns, their signs and the order of the runs are drawn.
    """
    table = hadamard(runs)
    if table is None or factors >= runs:
        return None
    columns = 1 + rng.permutation(runs - 1)[:factors]
    signs = rng.choice(np.array([-1, 1], np.int64), size=factors)
    chosen: Signs = table[rng.permutation(runs)][:, columns] * signs
    return chosen


def _paley(prime: int) -> Signs:
    """Return the matrix of order prime + 1 for a prime that leaves 3 when divided by 4."""
    size = prime + 1
    core = np.zeros((size, size), np.int64)
    core[0, 1:], core[1:, 0] = 1, -1
    core[1:, 1:] = _jacobsthal(prime)
    table: Signs = core + np.eye(size, dtype=np.int64)
    return table


def _paley_symmetric(prime: int) -> Signs:
    """Return the matrix of order 2 (prime + 1) for a prime that leaves 1 when divided by 4."""
    size = prime + 1
    core = np.ones((size, size), np.int64)
    core[0, 0] = 0
    core[1:, 1:] = _jacobsthal(prime)
    on, diagonal = np.array([[1, 1], [1, -1]]), np.array([[1, -1], [-1, -1]])
    table: Signs = np.kron(core, on) + np.kron(np.eye(size, dtype=np.int64), diagonal)
    return table


def _jacobsthal(prime: int) -> Signs:
    squares = {i * i % prime for i in range(1, prime)}
    signs = np.array([0, *(1 if i in squares else -1 for i in range(1, prime))], np.int64)
    table: Signs = signs[(np.arange(prime)[:, None] - np.arange(prime)) % prime]
    return table


def _normal(table: Signs) -> Signs:
    return table * table[:, :1]


def _is_prime(number: int) -> bool:
    return number > 1 and all(number % i for i in range(2, int(number**0.5) + 1))
