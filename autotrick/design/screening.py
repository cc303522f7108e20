"""A screen: which recipes around a base tell the effects of all tricks apart.

Where every trick is on or off and no rule ties any two, a half is a Plackett-Burman design, and the
second half mirrors the first (fold-over; Box and Wilson, 1951): main effects are then clear of all
two-factor interactions. Slots with several tricks, and rules between tricks, take D-optimal rows in
which main effects are as clear of interactions as the number of runs allows (`exchange`); later halves
add to the rows that are there.

Everything follows from the space and the seed alone.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from autotrick.design.coding import tricks_of
from autotrick.design.exchange import augmented
from autotrick.design.factors import Factor, Factors, Rows
from autotrick.design.hadamard import hadamard, plackett_burman
from autotrick.design.precision import half_widths
from autotrick.domain import Choice, Float, Integer, Scalar, from_unit
from autotrick.random_streams import key_of
from autotrick.recipe import Recipe, Settings
from autotrick.space import OFF, SearchSpace, unit_of

_FREEDOM = 4
_STEP = 4
_MOST_TIMES = 4
_TWO = 2
_SEEDS = 2**63
_FAR = 1_000_003
"""Between the seeds of equal runs: no half comes near."""


class Screen:
    """A balanced design over the tricks of a space.

    Attributes:
        factors: Every decision on tricks with several options.
    """

    def __init__(self, space: SearchSpace, *, seed: int) -> None:
        self._space, self._seed = space, seed
        self._factors = Factors(space)
        self.factors: tuple[Factor, ...] = self._factors.all
        self._rows: dict[tuple[int, int], Rows] = {}
        self._names: dict[tuple[int, int], tuple[Mapping[str, str], ...]] = {}

    def sizes(self) -> tuple[int, ...]:
        """Return the numbers of runs that a half may have, ascending; none without factors.

        The smallest one estimates all main effects with at least 4 degrees of freedom.
        """
        if not self.factors:
            return ()
        least = _rounded(self._factors.parameters + _FREEDOM)
        near = range(least, _TWO * least, _STEP)
        found = [*near, *(times * least for times in range(_TWO, _MOST_TIMES + 1))]
        return tuple(runs for runs in found if not self._two_level or hadamard(runs) is not None)

    def half(self, index: int, runs: int) -> tuple[Mapping[str, str], ...]:
        """Return the levels of each run of a half, by factor.

        Args:
            index: 0 for the first half; earlier halves have as many runs.
            runs: One of `sizes`.
        """
        key = (index, runs)
        if key not in self._names:
            self._names[key] = self._factors.named(self._half(index, runs))
        return self._names[key]

    def recipe(
        self, base: Recipe, levels: Mapping[str, str], *, half: int, runs: int, row: int
    ) -> Recipe:
        """Return the recipe of a run: the base with the tricks of these levels.

        The range of each setting of a trick that is on is divided evenly among the runs of the half
        that have the trick on (a Latin hypercube; McKay, Beckman and Conover, Technometrics, 1979).
        Tricks that are always on, and everything but the tricks, are as in the base. Each half has a
        seed of its own (`seed_of`), which its runs share; a run that would repeat an earlier one of the
        half to the letter has another, or it would teach nothing.

        Args:
            base: Of the space.
            levels: The run's, from `half`.
            half: Its index.
            runs: Of the half.
            row: Of the run, from 0.

        Raises:
            SpaceError: The base is not of the space.
        """
        answers = self._space.answers(base)
        tricks = self._tricks(answers, half, runs, row)
        earlier = [i for i, other in enumerate(self.half(half, runs)[:row]) if other == levels]
        again = sum(self._tricks(answers, half, runs, i) == tricks for i in earlier)
        seed = (self.seed_of(base, half) + _FAR * again) % _SEEDS
        return base.model_copy(update={"tricks": tricks, "seed": seed, "course": ()})

    def seed_of(self, base: Recipe, half: int) -> int:
        """Return the common seed of a half."""
        return (base.seed + half) % _SEEDS

    def _tricks(
        self, answers: Mapping[str, Scalar], half: int, runs: int, row: int
    ) -> dict[str, Settings]:
        """Return the tricks of a run with their settings.

        Args:
            answers: The base's.
        """
        levels, key = self.half(half, runs)[row], key_of(self._seed, "settings", half, runs)
        chooser = _AtLevels(answers, levels, self._strata(half, runs, row), key)
        return self._space.decide(chooser).tricks

    def propensities(self, half: int = 0, runs: int | None = None) -> Mapping[str, float]:
        """Return the share of a half's runs that have each trick on; of the smallest first half by default."""
        sizes = self.sizes()
        if not sizes:
            return {}
        on = self._factors.one_hot(self._half(half, runs or sizes[0])).mean(axis=0)
        pairs = zip(self._factors.levels, on.tolist(), strict=True)
        return {name: share for (_, name), share in pairs if name != OFF}

    @cached_property
    def limits(self) -> Mapping[str, str]:
        """What cannot be told of a trick, as a clause: rules that tie it to others, or no effect at all."""
        found = self._factors.relations()
        if self.factors:
            rows = self.half(0, self.sizes()[0])
            reach = half_widths(rows, 1.0)
            for trick in (name for factor in self.factors for name in factor.tricks):
                if trick not in tricks_of(rows) or reach[trick] == float("inf"):
                    found[trick] = "cannot be told apart from other tricks of the space"
        return found

    @property
    def _two_level(self) -> bool:
        return self._factors.free and bool((self._factors.sizes == _TWO).all())

    def _half(self, index: int, runs: int) -> Rows:
        key = (index, runs)
        if key not in self._rows:
            self._rows[key] = self._made(index, runs)
        return self._rows[key]

    def _made(self, index: int, runs: int) -> Rows:
        rng = np.random.default_rng(key_of(self._seed, "screen", runs, index))
        if self._two_level:
            if index % _TWO:
                mirrored: Rows = 1 - self._half(index - 1, runs)
                return mirrored[rng.permutation(runs)]
            if (rows := _orthogonal(runs, len(self.factors), rng)) is not None:
                return rows
        none = np.empty((0, len(self.factors)), np.int64)
        before = np.concatenate([none, *(self._half(i, runs) for i in range(index))])
        half = np.arange((index + 1) * runs) // runs
        blocks = (half[:, None] == np.arange(1, index + 1)).astype(float)
        rows = augmented(self._factors, before, runs, blocks, rng)
        shuffled: Rows = rows[rng.permutation(runs)]
        return shuffled

    def _strata(self, half: int, runs: int, row: int) -> dict[str, tuple[int, int]]:
        """Return, of each trick that is on in a run, the run's place among those that have it, and their number."""
        rows = self._half(half, runs)
        found: dict[str, tuple[int, int]] = {}
        for i, factor in enumerate(self.factors):
            mine = rows[:, i] == rows[row, i]
            found[factor.options[int(rows[row, i])]] = (int(mine[:row].sum()), int(mine.sum()))
        found.pop(OFF, None)
        return found


def _orthogonal(runs: int, factors: int, rng: np.random.Generator) -> Rows | None:
    """Return a two-level orthogonal half, itself a design and its mirror image where there are runs for it."""
    smaller = plackett_burman(runs // 2, factors, rng) if runs % 2 == 0 else None
    if smaller is not None:
        signs = np.concatenate([smaller, -smaller])[rng.permutation(runs)]
    else:
        table = plackett_burman(runs, factors, rng)
        if table is None:
            return None
        signs = table
    rows: Rows = (signs + 1) // 2
    return rows


def _rounded(runs: int) -> int:
    return -(-runs // _STEP) * _STEP


@dataclass(frozen=True, slots=True)
class _AtLevels:
    """Answers with the levels of a run, strata of its tricks' settings, and the base's answers else."""

    base: Mapping[str, Scalar]
    levels: Mapping[str, str]
    strata: Mapping[str, tuple[int, int]]
    key: int

    def number(self, name: str, domain: Float) -> float:
        return float(self._setting(name, domain))

    def integer(self, name: str, domain: Integer) -> int:
        return int(self._setting(name, domain))

    def choice(self, name: str, options: tuple[Scalar, ...]) -> Scalar:
        level = self.levels.get(unit_of(name))
        if level is None:
            return self._setting(name, Choice(options))
        return level != OFF if options == (False, True) else level

    def _setting(self, name: str, domain: Float | Integer | Choice) -> Scalar:
        trick = name.split(".")[0]
        if trick not in self.strata:
            return self.base[name]
        place, count = self.strata[trick]
        rng = np.random.default_rng(key_of(self.key, name))
        unit = (rng.permutation(count)[place] + rng.random(count)[place]) / count
        return from_unit(domain, float(unit))
