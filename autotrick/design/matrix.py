"""The columns of a regression: what a trial's recipe says, as numbers.

A trick is credited with the effect of whatever came together with it and is left out, so each trick is
held against all else that varies. Trials are often too few for all of it at once. What there is room
for is decided by the recipes and the number of trials alone, never by what the trials found, so that
choosing biases nothing:

1. All tricks and architectures are columns, and so is the resolved learning rate.
2. Fields of the recipe and settings of the architecture join them while there are three trials a
   column; those that did not come independently of the trick while a quarter of the trials stays
   free, those that are confounded with it while any freedom is left.
3. Their squares, and settings of other tricks that did not come independently of the trick, join while
   there are three trials a column; those that are confounded with it while a quarter stays free.

Each time that column joins which came most together with the trick, given those before.

If what is still left out came together with the trick, the two cannot be told apart, and that is said
in place of a number. What came independently of the trick moves its effect no further than the
interval allows for. (The selection by the treatment alone is that of Belloni, Chernozhukov and Hansen,
"Inference on Treatment Effects after Selection among High-Dimensional Controls", Review of Economic
Studies, 2014, without its second step, which looks at outcomes. https://doi.org/10.1093/restud/rdt044)
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from autotrick.design.covariates import LR, Mask, covariates
from autotrick.design.regression import Array, t_quantile
from autotrick.recipe import Recipe

LEAST_FREEDOM = 4
_TRIALS_PER_COLUMN = 3
_LEAST_SHARE_FREE = 0.25
_LOOSE, _FAR = 0.933, 0.9987
"""Levels of the association with the trick, which are 1.5 and 3 standard deviations of many trials:
above the first a setting counts as not independent of the trick, above the second as confounded."""

_SAME = 1e-9
"""Share of a column's square beyond others below which it says what they say."""

_APART, _FEW = 0.01, 3.0
"""Share of what a trick varies by itself below which it is not told apart, and trials that must carry
the rest."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """What a trick's effect is adjusted for.

    Attributes:
        columns: (N, P), the trick's own at `at`.
        apart: A setting that the trick cannot be told apart from; empty if there is none.
        few: Whether more trials of this kind would tell them apart.
        missing: Settings that there are too few trials to adjust for.
    """

    columns: Array
    at: int
    apart: str = ""
    few: bool = False
    missing: tuple[str, ...] = ()


class Design:
    """What varies among trials.

    Args:
        tricks: Names of those that vary.

    Attributes:
        tricks: (N, 1 + K + A) the constant, the tricks in order (1 if on), the architectures but the
            most common one.
    """

    def __init__(self, recipes: Sequence[Recipe], tricks: Sequence[str]) -> None:
        self.names = list(tricks)
        values = [np.ones(len(recipes))]
        values += [np.array([float(trick in r.tricks) for r in recipes]) for trick in tricks]
        counts = Counter(recipe.architecture for recipe in recipes)
        for name, _ in counts.most_common()[1:]:
            values.append(np.array([float(recipe.architecture == name) for recipe in recipes]))
        self.tricks: Array = np.column_stack(values)
        # Which trials have a setting is told, as a rule, by its trick or its architecture.
        basis = _basis(self.tricks)
        self.others = [c for c in covariates(recipes) if not c.presence or _adds(basis, c.values)]
        # Columns of length 1, and what they share two by two: all that choosing among them takes.
        columns = np.column_stack([self.tricks, *(c.values for c in self.others)])
        self.unit: Array = columns / np.linalg.norm(columns, axis=0)
        self.shared: Array = self.unit.T @ self.unit

    def forecasting(self, known: int) -> Array:
        """Return (N, P) columns by which a value is foretold from so many that are known.

        Those of most worth come first.
        """
        count = self.tricks.shape[1]
        fields = [c.values for c in self.others if c.kind == "field"]
        fields = fields[: max(0, known // 2 - count)]
        curves = [c.values for c in self.others if c.kind == "curve"]
        curves = curves[: max(0, known // _TRIALS_PER_COLUMN - count - len(fields))]
        return np.column_stack([self.tricks, *fields, *curves])

    def chosen(self, trick: str, without: Sequence[str] = ()) -> Chosen:
        """Return what the effect of a trick is adjusted for.

        Args:
            without: Other tricks that have no column.
        """
        count, own = self.tricks.shape[1], self.at(trick)
        dropped = [self.at(name) for name in without]
        around = [i for i in range(count) if i != own and i not in dropped]
        others = [i for i, other in enumerate(self.others, start=count) if other.trick != trick]
        return _Choice(self, own, around, others).made()

    def at(self, trick: str) -> int:
        """Return the place of a trick's column in `tricks`."""
        return 1 + self.names.index(trick)


class _Choice:
    """One trick's columns while they are chosen: each time what came most together with the trick.

    Args:
        own: The trick's column.
        around: The columns that are there from the first.
        others: Those that may join.
    """

    def __init__(
        self, design: Design, own: int, around: Sequence[int], others: Sequence[int]
    ) -> None:
        self.design, self.columns = design, list(others)
        self.others = [design.others[i - design.tricks.shape[1]] for i in others]
        self.base = [*around, own]
        self.trials = len(design.tricks)
        basis = _basis(design.unit[:, around])
        self.count: int = basis.shape[1] + 1
        # Directions that the columns chosen so far span, and what these do not tell of the trick.
        self.basis: Array = np.empty((self.count - 1 + len(others), self.trials))
        self.basis[: self.count - 1] = basis.T
        self.own = self._beyond(design.unit[:, own])
        self.alone = float(self.own @ self.own)
        # What the trick, first, and the others share beyond the columns chosen so far.
        wanted = [own, *others]
        told = basis.T @ design.unit[:, wanted]
        self.shared: Array = design.shared[np.ix_(wanted, wanted)] - told.T @ told
        self.new = self.shared.diagonal()[1:] > _SAME
        self.kinds = np.array([other.kind for other in self.others])
        self.rate = np.array([other.name == LR for other in self.others], bool)
        self.taken: list[int] = []

    @property
    def freedom(self) -> int:
        return self.trials - self.count

    def made(self) -> Chosen:
        while (i := self._next()) is not None:
            direction = self._direction(i)
            left = self.own - direction * (direction @ self.own)
            if not self._hidden(left):
                self._take(i, direction, left)
            elif self._association()[i] > _threshold(_FAR, self.freedom):
                return self._chosen(apart=self.others[i].name)
            else:
                self.new[i] = False
        out = np.where(self.new, self._association(), 0.0)
        if out.max(initial=0.0) > _threshold(_FAR, self.freedom):
            return self._chosen(apart=self.others[int(out.argmax())].name, few=True)
        loose = (out > _threshold(_LOOSE, self.freedom)) & (self.kinds == "field")
        missing = dict.fromkeys(self.others[i].name for i in np.flatnonzero(loose).tolist())
        return self._chosen(missing=tuple(missing))

    def _chosen(self, **said: Any) -> Chosen:
        tricks = self.design.tricks[:, self.base]
        joined = [self.others[i].values for i in self.taken]
        return Chosen(np.column_stack([tricks, *joined]), len(self.base) - 1, **said)

    def _next(self) -> int | None:
        """Return the column that joins next, or None when no other should."""
        association = self._association()
        for allowed in self._allowed(association):
            if (mine := self.new & allowed).any():
                return int(np.where(mine, association, -1.0).argmax())
        return None

    def _allowed(self, association: Array) -> Iterator[Mask]:
        """Give which columns may join, those that come first first."""
        field, curve = self.kinds == "field", self.kinds == "curve"
        if self.freedom <= LEAST_FREEDOM:
            return
        loose, far = (_threshold(level, self.freedom) for level in (_LOOSE, _FAR))
        yield self.rate & field
        yield field & (association > far)
        if self.freedom > _LEAST_SHARE_FREE * self.trials:
            yield association > far
            yield field & (association > loose)
        if _TRIALS_PER_COLUMN * (self.count + 1) <= self.trials:
            yield field
            yield association > loose
            yield curve

    def _association(self) -> Array:
        """Return (M,) Student's t of each column with the trick, given those chosen so far."""
        sizes = self.shared.diagonal() * self.shared[0, 0]
        told = np.square(self.shared[0]) / np.where(sizes > 0, sizes, np.inf)
        told = np.minimum(told[1:], 1 - 1e-12)
        result: Array = np.sqrt(max(1, self.freedom - 1) * told / (1 - told))
        return result

    def _direction(self, i: int) -> Array:
        """Return (N,) of length 1 what a column adds to those chosen so far."""
        rest = self._beyond(self.design.unit[:, self.columns[i]])
        rest = self._beyond(rest)
        return rest / np.linalg.norm(rest)

    def _beyond(self, column: Array) -> Array:
        """Return what of (N,) a column the columns chosen so far do not tell."""
        basis = self.basis[: self.count - 1]
        rest: Array = column - (basis @ column) @ basis
        return rest

    def _hidden(self, left: Array) -> bool:
        """Return whether too little would be left of the trick, or no more than one or two trials."""
        if left @ left < _APART * self.alone:
            return True
        return _carriers(left) < _FEW <= _carriers(self.own)

    def _take(self, i: int, direction: Array, left: Array) -> None:
        self.own, self.basis[self.count - 1] = left, direction
        column = self.shared[:, [i + 1]]
        self.shared = self.shared - column @ column.T / column[i + 1]
        self.new &= self.shared.diagonal()[1:] > _SAME
        self.new[i] = False
        self.count += 1
        self.taken.append(i)


@cache
def _threshold(level: float, freedom: int) -> float:
    """Return the quantile of Student's t that an association is held against."""
    return t_quantile(max(1, freedom - 1), level=level)


def _carriers(column: Array) -> float:
    """Return how many trials carry a column: N if all are of one size, 1 if one is all there is."""
    squares = np.square(column)
    return float(squares.sum() ** 2 / np.square(squares).sum())


def _basis(columns: Array) -> Array:
    """Return (N, R) independent directions of length 1 that span (N, P) columns."""
    left, sizes, _ = np.linalg.svd(columns, full_matrices=False)
    return left[:, sizes > sizes[0] * max(columns.shape) * np.finfo(float).eps]


def _adds(basis: Array, column: Array) -> bool:
    """Return whether a basis does not tell a column."""
    rest = column - basis @ (basis.T @ column)
    return bool(rest @ rest > _SAME * (column @ column))
