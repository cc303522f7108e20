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

import numpy as np

from autotrick.analysis.covariates import LR, Covariate, Mask, covariates
from autotrick.analysis.regression import Array, t_quantile
from autotrick.records.rows import TrialRow

LEAST_FREEDOM = 4
_TRIALS_PER_COLUMN = 3
_LEAST_SHARE_FREE = 0.25
_LOOSE, _FAR = 0.933, 0.9987
"""Levels of the association with the trick, which are 1.5 and 3 standard deviations of many trials:
above the first a setting counts as not independent of the trick, above the second as confounded."""

_SAME = 1e-7
"""Share of a column beyond others below which it says what they say."""

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

    def __init__(self, trials: Sequence[TrialRow], tricks: Sequence[str]) -> None:
        self.names = list(tricks)
        recipes = [trial.recipe for trial in trials]
        values = [np.ones(len(recipes))]
        values += [np.array([float(trick in r.tricks) for r in recipes]) for trick in tricks]
        counts = Counter(recipe.architecture for recipe in recipes)
        for name, _ in counts.most_common()[1:]:
            values.append(np.array([float(recipe.architecture == name) for recipe in recipes]))
        self.tricks: Array = np.column_stack(values)
        # Which trials have a setting is told, as a rule, by its trick or its architecture.
        basis = _basis(self.tricks)
        self.others = [c for c in covariates(recipes) if not c.presence or _adds(basis, c.values)]

    def forecasting(self, known: int) -> Array:
        """Return (N, P) columns by which an accuracy is foretold from so many that are known.

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
        dropped = [self.at(name) for name in without]
        kept = [i for i in range(self.tricks.shape[1]) if i not in dropped]
        others = [other for other in self.others if other.trick != trick]
        return _Choice(self.tricks[:, kept], kept.index(self.at(trick)), others).made()

    def at(self, trick: str) -> int:
        """Return the place of a trick's column in `tricks`."""
        return 1 + self.names.index(trick)


class _Choice:
    """One trick's columns while they are chosen: each time what came most together with the trick."""

    def __init__(self, base: Array, at: int, others: Sequence[Covariate]) -> None:
        self.base, self.at, self.others = base, at, others
        around = _basis(np.delete(base, at, axis=1))
        self.count: int = around.shape[1] + 1
        self.trials = len(base)
        # What is not told by the columns chosen so far: of the trick, and of the others.
        self.own = _beyond(around, base[:, [at]])[:, 0]
        self.alone = float(self.own @ self.own)
        values = np.column_stack([other.values for other in others] or [base[:, :0]])
        self.rest = _beyond(around, values)
        self.sizes = np.linalg.norm(values, axis=0)
        self.new = np.linalg.norm(self.rest, axis=0) > _SAME * self.sizes
        self.kinds = np.array([other.kind for other in others])
        self.rate = np.array([other.name == LR for other in others], bool)
        self.taken: list[int] = []

    @property
    def freedom(self) -> int:
        return self.trials - self.count

    def made(self) -> Chosen:
        columns = self.base
        while (i := self._next()) is not None:
            left = self._left(i)
            if not self._hidden(left):
                self._take(i)
            elif self._association()[i] > _threshold(_FAR, self.freedom):
                return Chosen(columns, self.at, apart=self.others[i].name)
            else:
                self.new[i] = False
        columns = np.column_stack([self.base, *(self.others[i].values for i in self.taken)])
        out = np.where(self.new, self._association(), 0.0)
        if out.max(initial=0.0) > _threshold(_FAR, self.freedom):
            return Chosen(columns, self.at, apart=self.others[int(out.argmax())].name, few=True)
        missing = dict.fromkeys(
            self.others[i].name
            for i in np.flatnonzero(out > _threshold(_LOOSE, self.freedom)).tolist()
            if self.kinds[i] == "field"
        )
        return Chosen(columns, self.at, missing=tuple(missing))

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
        sizes = np.linalg.norm(self.rest, axis=0) * np.sqrt(self.own @ self.own)
        shared = np.abs(self.own @ self.rest) / np.where(sizes > 0, sizes, 1.0)
        told = np.minimum(np.square(shared), 1 - 1e-12)
        result: Array = np.sqrt(max(1, self.freedom - 1) * told / (1 - told))
        return result

    def _left(self, i: int) -> Array:
        """Return (N,) what is left of the trick once a column has joined."""
        direction = self.rest[:, [i]] / np.linalg.norm(self.rest[:, i])
        return _beyond(direction, self.own[:, None])[:, 0]

    def _hidden(self, left: Array) -> bool:
        """Return whether a column leaves nothing of the trick, or no more than one or two trials."""
        if left @ left < _APART * self.alone:
            return True
        return _carriers(left) < _FEW <= _carriers(self.own)

    def _take(self, i: int) -> None:
        direction = self.rest[:, [i]] / np.linalg.norm(self.rest[:, i])
        self.own = self._left(i)
        self.rest = _beyond(direction, self.rest)
        self.new &= np.linalg.norm(self.rest, axis=0) > _SAME * self.sizes
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
    rest = np.linalg.norm(_beyond(basis, column[:, None]))
    return bool(rest > _SAME * np.linalg.norm(column))


def _beyond(basis: Array, columns: Array) -> Array:
    """Return what of (N, M) columns a basis does not tell."""
    rest = columns - basis @ (basis.T @ columns)
    return rest - basis @ (basis.T @ rest)
