"""Recipes as the columns of a linear model.

A trick that is on, an option and a network are columns. A number is a smooth function: a few columns,
the leading eigenfunctions of a Matern kernel. The setting of a trick counts only where the trick is on,
that of a network only in this network. The product of two decisions is their interaction. Entries of a
policy are no columns: they are too many to learn one by one.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from autotrick.domain import Axis, Choice, Scalar, from_unit, to_unit
from autotrick.sample.unit_cube import UnitCube
from autotrick.space import OFF, SearchSpace

Array = NDArray[np.float64]

RATE = "base_lr"

MOST_PAIRED = 24
"""Tricks up to which each pair of them has a column; of more, the pairs are too many to learn."""

_GRID = 65
_FEW = 3
"""Columns of a decision that have products with those of others."""

_SMOOTH = {"rate": (0.35, 6)}
_USUAL = (0.7, 3)
"""Length scale, as a share of the range, and number of columns of a number."""

_CHANGES = (1, 2, 3)
_STEP, _NEARBY = 0.1, 0.7
"""How a copy differs: in about this many decisions; numbers by a normal step, with a probability."""


@dataclass(frozen=True, slots=True)
class _Part:
    """The columns of one decision.

    Attributes:
        axis: Index of its axis.
        levels: Indices of the options that have a column; empty for a number.
        options: Number of options; 0 for a number.
        group: Columns of a group share the scale of their prior.
        owner: Its unit, or what it is a setting of: within these there are no products.
        gate: Index of an axis and of the option there that it depends on; None if it always counts.
    """

    axis: int
    levels: tuple[int, ...]
    options: int
    group: str
    owner: str
    gate: tuple[int, int] | None = None

    def values(self, rows: Array) -> Array:
        """Return the (N, K) columns of (N, A) coordinates."""
        x = rows[:, self.axis]
        found: Array
        if self.options:
            # Centred, so that the level is that of the mean recipe and no option is favoured.
            found = (x[:, None] == np.array(self.levels)) - 1 / self.options
        else:
            functions = curves(*_SMOOTH.get(self.group, _USUAL))
            at = np.clip(x, 0, 1) * (_GRID - 1)
            low = np.minimum(at.astype(int), _GRID - 2)
            share = (at - low)[:, None]
            found = (1 - share) * functions[low] + share * functions[low + 1]
        if self.gate is not None:
            axis, option = self.gate
            found = found * (rows[:, axis] == option)[:, None]
        return found


class Columns:
    """The columns of a space.

    Attributes:
        axes: The axes of the unit cube by name.
        groups: The group of each column.
    """

    def __init__(self, space: SearchSpace, box: UnitCube) -> None:
        self.axes: Mapping[str, Axis] = box.axes
        self._index = {name: i for i, name in enumerate(box.axes)}
        self._is_choice = np.array([isinstance(a, Choice) for a in box.axes.values()], bool)
        units = {unit.name for unit in space.units.units}
        self._parts = [p for name in self.axes if (p := self._part(space, name, units))]
        tricks = sum(len(part.levels) for part in self._parts if part.group == "trick")
        self._pairs = [
            (i, j, _group(a.group, b.group))
            for (i, a), (j, b) in combinations(enumerate(self._parts), 2)
            if a.owner != b.owner
            and "setting" not in (a.group, b.group)
            and (tricks <= MOST_PAIRED or (a.group, b.group) != ("trick", "trick"))
        ]
        self.groups = tuple(self._groups())

    def encode(self, point: Mapping[str, Scalar]) -> Array:
        """Return the (A,) coordinates of a point: of a number in [0, 1], of an option its index."""
        return np.array(
            [
                axis.options.index(point[name])
                if isinstance(axis, Choice)
                else to_unit(axis, float(point[name]))
                for name, axis in self.axes.items()
            ],
            float,
        )

    def decode(self, row: Array) -> dict[str, Scalar]:
        """Return the point at coordinates."""
        return {
            name: axis.options[int(x)] if isinstance(axis, Choice) else from_unit(axis, float(x))
            for (name, axis), x in zip(self.axes.items(), row, strict=True)
        }

    def random(self, generator: np.random.Generator, count: int) -> Array:
        """Return (N, A) coordinates drawn evenly."""
        found = generator.random((count, len(self.axes)))
        for i, axis in enumerate(self.axes.values()):
            if isinstance(axis, Choice):
                found[:, i] = np.floor(found[:, i] * len(axis.options))
        return found

    def changed(self, generator: np.random.Generator, parents: Array, children: int) -> Array:
        """Return changed copies of each parent: one to four decisions anew, numbers mostly nearby."""
        made = np.repeat(parents, children, axis=0)
        other = self.random(generator, len(made))
        nearby = np.clip(made + _STEP * generator.standard_normal(made.shape), 0, 1 - 1e-9)
        moves = ~self._is_choice & (generator.random(made.shape) < _NEARBY)
        other[moves] = nearby[moves]
        count = made.shape[1]
        change = generator.random(made.shape) < generator.choice(_CHANGES, (len(made), 1)) / count
        change[np.arange(len(made)), generator.integers(count, size=len(made))] = True
        return np.where(change, other, made)

    def settled(self, rows: Array, usual: Array) -> Array:
        """Return coordinates with the settings of what is off at their usual place."""
        made = rows.copy()
        for part in self._parts:
            if part.gate is not None:
                axis, option = part.gate
                made[rows[:, axis] != option, part.axis] = usual[part.axis]
        return made

    def near(self, rows: Array, others: Array, distance: float) -> NDArray[np.bool_]:
        """Return which rows have the options of another one, and each number within a distance."""
        reach = np.where(self._is_choice, 0.5, distance)
        found = np.zeros(len(rows), bool)
        for other in others:
            found |= (np.abs(rows - other) < reach).all(axis=1)
        return found

    def matrix(self, rows: Array) -> Array:
        """Return the (N, P) columns of (N, A) coordinates."""
        mains = [part.values(rows) for part in self._parts]
        products = [
            np.einsum("nj,nk->njk", mains[i][:, :_FEW], mains[j][:, :_FEW])
            for i, j, _ in self._pairs
        ]
        flat = [values.reshape(len(rows), values.shape[1] * values.shape[2]) for values in products]
        return np.hstack([np.ones((len(rows), 1)), *mains, *flat])

    def _groups(self) -> Iterator[str]:
        widths = [part.values(np.zeros((1, len(self.axes)))).shape[1] for part in self._parts]
        yield "level"
        for part, width in zip(self._parts, widths, strict=True):
            yield from [part.group] * width
        for i, j, group in self._pairs:
            yield from [group] * (min(widths[i], _FEW) * min(widths[j], _FEW))

    def _part(self, space: SearchSpace, name: str, units: set[str]) -> _Part | None:
        axis, index = self.axes[name], self._index[name]
        options = len(axis.options) if isinstance(axis, Choice) else 0
        if options == 1:
            return None
        levels = tuple(range(options))
        if name in units:
            assert isinstance(axis, Choice)
            levels = tuple(i for i in levels if axis.options[i] not in (OFF, False))
            return _Part(index, levels, options, "trick", name)
        # Names of networks may have dots, as python:nets.py:Net has.
        network = next((one for one in space.architectures if name.startswith(f"{one}.")), "")
        owner, rest = (network, name[len(network) + 1 :]) if network else _halves(name)
        if not rest:
            group = {RATE: "rate", "architecture": "network"}.get(name, "field")
            return _Part(index, levels, options, group, name)
        if "." in rest:
            return None
        return _Part(index, levels, options, "setting", owner, self._gate(space, owner))

    def _gate(self, space: SearchSpace, owner: str) -> tuple[int, int] | None:
        name = "architecture"
        option: Scalar = owner
        if owner not in space.architectures:
            unit = next(unit for unit in space.units.units if owner in unit.tricks)
            name, option = unit.name, owner if len(unit.tricks) > 1 else True
        axis = self.axes.get(name)
        if not isinstance(axis, Choice):
            return None
        return self._index[name], axis.options.index(option)


def _group(a: str, b: str) -> str:
    if a == b == "trick":
        return "trick x trick"
    return "rate x other" if "rate" in (a, b) else "other x other"


@cache
def curves(length: float, count: int) -> Array:
    """Return (G, K) functions on an even grid of [0, 1], the smoothest first.

    With independent standard normal weights they have mean 0 and a mean square of 1.

    Args:
        length: Length scale of the Matern 5/2 kernel, as a share of the range.
        count: Number of functions.
    """
    grid = np.linspace(0, 1, _GRID)
    away = np.sqrt(5) * np.abs(grid[:, None] - grid) / length
    kernel = (1 + away + away**2 / 3) * np.exp(-away)
    centring = np.eye(_GRID) - 1 / _GRID
    values, vectors = np.linalg.eigh(centring @ kernel @ centring)
    values, vectors = values[::-1][:count], vectors[:, ::-1][:, :count]
    # The sign of an eigenvector is the library's choice.
    vectors = vectors * np.where(vectors[-1] < 0, -1.0, 1.0)
    found: Array = vectors * np.sqrt(values * _GRID / values.sum())
    return found


def _halves(name: str) -> tuple[str, str]:
    """Return what stands before the first dot of a decision's name, and what stands after it."""
    owner, _, rest = name.partition(".")
    return owner, rest
