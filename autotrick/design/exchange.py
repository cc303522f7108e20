"""D-optimal rows over mixed levels and rules, with two-factor interactions as potential terms.

DuMouchel and Jones, "A Simple Bayesian Modification of D-Optimal Designs to Reduce Dependence on an
Assumed Model", Technometrics, 1994 (https://doi.org/10.1080/00401706.1994.10485773): all two-factor
interactions may be there, each with a small variance, and the main effects should be known in spite
of them. Differs: the interactions are integrated out, so that the criterion is the information on the
main effects alone, and no table has a column for each interaction: what two rows share of them
follows from what they share factor by factor.

Rows are exchanged one after the other, one level at a time (Meyer and Nachtsheim, "The
Coordinate-Exchange Algorithm for Constructing Exact Optimal Experimental Designs", Technometrics,
1995), and, where rules tie factors together, with those of the others that the rules then force.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from autotrick.design.factors import Factors, Rows

Array = NDArray[np.float64]

_VARIANCE, _TOTAL = 0.01, 0.25
"""Variance of an interaction's coefficient in units of the noise's: one pair in ten that moves the
difference of two differences by twice the noise's spread. And of those of one level with all others at
most. Larger ones cost more precision than they clear, and exchange then ends in worse optima."""

_RIDGE = 1e-3
_DIGITS = 7
_FEW_LEVELS = 40
_SMALL, _LARGE = 2_000, 20_000
"""Sizes, as rows x levels, up to which several starts and many passes take less than seconds."""


@dataclass(frozen=True, slots=True)
class _Search:
    starts: int
    passes: int


def augmented(
    factors: Factors, before: Rows, count: int, blocks: Array, rng: np.random.Generator
) -> Rows:
    """Return (count, F) valid rows that add most to what the rows before tell.

    Args:
        before: (M, F) rows that stay, none for a first half.
        blocks: (M + count, B) further columns of the model, such as a half's common seed.
    """
    size = (len(before) + count) * len(factors.levels)
    search = (
        _Search(10, 12) if size <= _SMALL else _Search(3, 6) if size <= _LARGE else _Search(1, 2)
    )
    best: tuple[float, Rows] | None = None
    for start in range(search.starts):
        first = _folded(factors, before, count, rng) if start == 0 else None
        rows = factors.random(count, rng) if first is None else first
        found = _Exchange(factors, np.concatenate([before, rows]), len(before), blocks, rng)
        value = found.run(search.passes)
        if best is None or round(value - best[0], _DIGITS) > 0:
            best = (value, found.rows[len(before) :])
    assert best is not None
    return best[1]


def _folded(factors: Factors, before: Rows, count: int, rng: np.random.Generator) -> Rows | None:
    """Return the mirror image of the last rows: every factor at another level, where rules allow."""
    if len(before) < count:
        return None
    shift = np.array([1 + rng.integers(size - 1) for size in factors.sizes.tolist()], np.int64)
    mirrored = (before[-count:] + shift) % factors.sizes
    broken = ~factors.valid(mirrored)
    mirrored[broken] = factors.random(int(broken.sum()), rng)
    return mirrored


class _Exchange:
    """Rows while they are exchanged.

    Args:
        rows: (N, F) valid rows; those from `fixed` on may change.
    """

    def __init__(
        self, factors: Factors, rows: Rows, fixed: int, blocks: Array, rng: np.random.Generator
    ) -> None:
        self.factors, self.rows, self.fixed, self.blocks, self.rng = (
            factors,
            rows,
            fixed,
            blocks,
            rng,
        )
        sizes = factors.sizes
        self.num = len(sizes)
        # One change after the other, the best of all first, or, where these are many, factor by factor.
        few = len(factors.levels) <= _FEW_LEVELS
        self.parts = [slice(None)] if few else [slice(j, j + 1) for j in range(self.num)]
        self.variance = min(_VARIANCE, _TOTAL / max(1, factors.parameters - 1))
        of = np.array([i for i, _ in factors.levels], np.int64)
        self.alike: Array = sizes[of].astype(float)
        self.square: Array = self.alike**2 - 2 * self.alike
        own = float((sizes - 1).sum())
        self.self_shared = (own**2 - float(((sizes - 1) ** 2).sum())) / 2

    def run(self, passes: int) -> float:
        """Exchange until nothing improves; return the logarithm of the information's determinant."""
        for _ in range(passes):
            moved = [self._exchange(i) for i in range(self.fixed, len(self.rows))]
            if not any(moved):
                break
        return self._value()

    def _shared(self, left: Array, right: Array) -> Array:
        """Return (N, M) what rows share of all two-factor interactions, from their one-hot levels."""
        total = (left * self.alike) @ right.T - self.num
        squares = (left * self.square) @ right.T + self.num
        found: Array = (total**2 - squares) / 2
        return found

    def _columns(self, on: Array, blocks: Array) -> Array:
        constant = np.ones((len(on), 1))
        blocks = np.broadcast_to(blocks, (len(on), blocks.shape[1]))
        return np.concatenate([constant, blocks, self.factors.contrasts(on)], axis=1)

    def _weights(self, on: Array) -> Array:
        """Return (N, N) inverse covariance of rows, noise and interactions together."""
        spread = np.eye(len(on)) + self.variance * self._shared(on, on)
        found: Array = np.linalg.inv(spread).astype(float)
        return found

    def _information(self, columns: Array, weights: Array) -> Array:
        ridge = np.full(columns.shape[1], _RIDGE)
        found: Array = columns.T @ weights @ columns + np.diag(ridge)
        return found

    def _value(self) -> float:
        on = self.factors.one_hot(self.rows)
        weights = self._weights(on)
        columns = self._columns(on, self.blocks)
        return float(np.linalg.slogdet(self._information(columns, weights))[1])

    def _exchange(self, i: int) -> bool:
        """Change a row as long as that tells more; return whether it changed."""
        rest = np.delete(np.arange(len(self.rows)), i)
        on = self.factors.one_hot(self.rows[rest])
        weights = self._weights(on)
        columns = self._columns(on, self.blocks[rest])
        weighted = weights @ columns
        known: Array = np.linalg.inv(self._information(columns, weights)).astype(float)
        moved = False
        for part in self.parts:
            while True:
                changed = self.factors.changes(self.rows[i], self.rng, part)
                options = np.concatenate([self.rows[i : i + 1], changed])
                has = self.factors.one_hot(options)
                shared = self.variance * self._shared(has, on)
                told = ((shared @ weights) * shared).sum(axis=1)
                spread = 1 + self.variance * self.self_shared - told
                fresh = self._columns(has, self.blocks[i : i + 1]) - shared @ weighted
                gain = np.log1p(((fresh @ known) * fresh).sum(axis=1) / spread).round(_DIGITS)
                best = int(gain.argmax())
                if best == 0:
                    break
                self.rows[i] = options[best]
                moved = True
        return moved
