"""What a screen switches: a factor for each decision on tricks, and which levels go together.

A lone trick is a factor with two levels. The tricks of a slot are one factor: `off` and each of them,
or only these where one of them is always on. What every recipe of the space has is not a factor.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from autotrick.space import OFF, SearchSpace
from autotrick.tricks import TRICKS

Rows = NDArray[np.int64]
"""(N, F) options by their place in each factor."""

_TRIES = 200


@dataclass(frozen=True, slots=True)
class Factor:
    """A decision on tricks with several options.

    Attributes:
        name: The trick's, or `slot.<slot>`.
        options: In the order of the space: `off`, where it is one, and tricks.
    """

    name: str
    options: tuple[str, ...]

    @property
    def tricks(self) -> tuple[str, ...]:
        """The options that are tricks."""
        return tuple(option for option in self.options if option != OFF)


class Factors:
    """The factors of a space, and the rules between their levels.

    Attributes:
        all: The factors, in the order of the catalogue.
        forbidden: (L, L) whether two levels of different factors exclude each other, with the levels of
            all factors one after the other: by `excludes`, `replaces`, or because one needs a trick in
            the place of the other.
        start: (F,) place of each factor's first level among all levels.
    """

    def __init__(self, space: SearchSpace) -> None:
        self._units = space.units
        choices = space.units.choices()
        pairs = zip(space.units.units, choices, strict=True)
        self.all = tuple(Factor(unit.name, options) for unit, options in pairs if len(options) > 1)
        self.always = frozenset(options[0] for options in choices if len(options) == 1) - {OFF}
        self.sizes = np.array([len(factor.options) for factor in self.all], np.int64)
        self.start = np.cumsum(self.sizes) - self.sizes
        self.levels = tuple(
            (i, option) for i, factor in enumerate(self.all) for option in factor.options
        )
        self._factor_of = np.array([i for i, _ in self.levels], np.int64)
        self.forbidden = self._forbidden(space)
        self._contrasts = np.zeros((len(self.levels), self.parameters - 1))
        for first, size, i in zip(
            self.start.tolist(), self.sizes.tolist(), range(len(self.all)), strict=True
        ):
            self._contrasts[first : first + size, first - i : first - i + size - 1] = _contrasts(
                size
            )

    def _forbidden(self, space: SearchSpace) -> NDArray[np.bool_]:
        count = len(self.levels)
        found = np.zeros((count, count), bool)
        place = {option: at for at, (_, option) in enumerate(self.levels) if option != OFF}
        for a, (i, first) in enumerate(self.levels):
            for b, (j, second) in enumerate(self.levels):
                found[a, b] = i < j and space.units.bars(first, second)
            for needed in TRICKS[first].needs - self.always if first != OFF else ():
                other = self.levels[place[needed]][0]
                for b, (j, option) in enumerate(self.levels):
                    found[a, b] |= j == other and option != needed
        return found | found.T

    @property
    def free(self) -> bool:
        """Whether every combination of levels is valid."""
        return not self.forbidden.any()

    @property
    def parameters(self) -> int:
        """Number of the constant and the main effects."""
        return 1 + int((self.sizes - 1).sum())

    def at(self, rows: Rows) -> Rows:
        """Return (N, F) places of the rows' levels among all levels."""
        return rows + self.start

    def valid(self, rows: Rows) -> NDArray[np.bool_]:
        """Return (N,) which rows break no rule."""
        on = self.one_hot(rows)
        broken = ((on @ self.forbidden) * on).sum(axis=1)
        found: NDArray[np.bool_] = broken == 0
        return found

    def one_hot(self, rows: Rows) -> NDArray[np.float64]:
        """Return (N, L) 1 for each level that a row has."""
        found = np.zeros((len(rows), len(self.levels)))
        np.put_along_axis(found, self.at(rows), 1.0, axis=1)
        return found

    def random(self, count: int, rng: np.random.Generator) -> Rows:
        """Return (count, F) valid rows in which each level is about as frequent as others of its factor."""
        used = np.zeros(len(self.levels))
        rows = np.empty((count, len(self.all)), np.int64)
        for i in range(count):
            tries = (self._row(used, rng) for _ in range(_TRIES))
            found = next((row for row in tries if row is not None), None)
            rows[i] = self._walked(rng) if found is None else found
            used[self.at(rows[i])] += 1
        return rows

    def _row(self, used: NDArray[np.float64], rng: np.random.Generator) -> Rows | None:
        """Return a valid row of rare levels, or None if the first choices leave none for a later factor."""
        row = np.zeros(len(self.all), np.int64)
        cost = used + rng.random(len(self.levels)) / 2
        for i in rng.permutation(len(self.all)).tolist():
            first = int(self.start[i])
            mine = cost[first : first + int(self.sizes[i])]
            row[i] = int(mine.argmin())
            if mine[row[i]] == np.inf:
                return None
            cost[self.forbidden[first + row[i]]] = np.inf
        return row

    def _walked(self, rng: np.random.Generator) -> Rows:
        """Return a valid row, decided as a recipe's tricks are: slower, and never in vain."""
        on: frozenset[str] = frozenset()
        taken: dict[str, str] = {}
        for i, unit in enumerate(self._units.units):
            options = self._units.open(i, on)
            taken[unit.name] = options[rng.integers(len(options))]
            on |= {taken[unit.name]} - {OFF}
        row = [factor.options.index(taken[factor.name]) for factor in self.all]
        return np.array(row, np.int64)

    def changes(self, row: Rows, rng: np.random.Generator, of: slice = slice(None)) -> Rows:
        """Return (C, F) valid rows that differ from a valid one in one level and what rules tie to it.

        Args:
            of: Factors that change.
        """
        factor = self._factor_of
        option = np.arange(len(self.levels)) - self.start[factor]
        barred = self.forbidden[self.at(row)].sum(axis=0)
        chosen = np.zeros(len(self.all), bool)
        chosen[of] = True
        new = np.flatnonzero((row[factor] != option) & chosen[factor])
        rows = np.repeat(row[None], len(new), axis=0)
        rows[np.arange(len(new)), factor[new]] = option[new]
        valid = barred[new] == 0
        for i in np.flatnonzero(~valid).tolist():
            valid[i] = self._repair(rows[i], int(new[i]), rng)
        found: Rows = rows[valid]
        return found

    def _repair(self, row: Rows, level: int, rng: np.random.Generator) -> bool:
        """Change what a level forbids in a row to what all levels allow; return whether that went."""
        for i in np.flatnonzero(self.forbidden[level][self.at(row)]).tolist():
            first, size = int(self.start[i]), int(self.sizes[i])
            others = np.delete(self.at(row), i)
            others = others[~self.forbidden[level][others]]
            open_ = np.flatnonzero(~self.forbidden[others][:, first : first + size].any(axis=0))
            if not len(open_):
                return False
            row[i] = open_[rng.integers(len(open_))]
        return True

    def named(self, rows: Rows) -> tuple[dict[str, str], ...]:
        """Return the levels of each row by the factor's name."""
        return tuple(
            {factor.name: factor.options[i] for factor, i in zip(self.all, row, strict=True)}
            for row in rows.tolist()
        )

    def relations(self) -> dict[str, str]:
        """Return, by trick, beside which others it never or only is, as a clause; none if it is free."""
        found: dict[str, str] = {}
        for (_, name), barred in zip(self.levels, self.forbidden, strict=True):
            if name == OFF:
                continue
            needed = sorted(TRICKS[name].needs - self.always)
            mates = {self.levels[i][0] for i in self._places(needed)}
            apart = [
                other
                for (j, other), out in zip(self.levels, barred, strict=True)
                if out and other != OFF and j not in mates
            ]
            said = [f"only beside {', '.join(needed)}, which it needs"] if needed else []
            said += [f"never beside {', '.join(apart)}"] if apart else []
            if said:
                found[name] = "; ".join(said)
        return found

    def _places(self, tricks: Sequence[str]) -> list[int]:
        names = [option for _, option in self.levels]
        return [names.index(trick) for trick in tricks]

    def contrasts(self, on: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return (N, P - 1) main-effect columns, orthogonal in a full factorial, each of mean square 1.

        Args:
            on: (N, L) from `one_hot`.
        """
        found: NDArray[np.float64] = on @ self._contrasts
        return found


def _contrasts(size: int) -> NDArray[np.float64]:
    """Return (size, size - 1) Helmert contrasts of mean square 1."""
    table = np.zeros((size, size - 1))
    for j in range(1, size):
        table[:j, j - 1] = -1.0
        table[j, j - 1] = j
    scale: NDArray[np.float64] = np.sqrt(np.square(table).mean(axis=0))
    return table / scale
