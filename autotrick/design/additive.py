"""What the factors of a screen add, by least squares: its noise, and the best options."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from math import sqrt

import numpy as np

from autotrick.design.coding import options_of
from autotrick.space import OFF, SearchSpace


@dataclass(frozen=True, slots=True)
class Additive:
    """An additive fit to the rows of a screen, with a level of its own for each half.

    Attributes:
        gains: What each option of each factor adds to the value, against the factor's first option.
        noise: Standard deviation of what the fit leaves, in the unit of the values; None if there are
            no more rows than coefficients. Interactions are part of it.
    """

    gains: Mapping[str, Mapping[str, float]]
    noise: float | None


def additive(
    levels: Sequence[Mapping[str, str]], values: Sequence[float], halves: Sequence[int]
) -> Additive:
    """Fit rows of a screen.

    Args:
        levels: The option of each factor, by row.
        values: Of the same rows; larger is better.
        halves: The half that each row belongs to.
    """
    options = options_of(levels)
    terms = [(factor, option) for factor, known in options.items() for option in known[1:]]
    blocks = sorted(set(halves))
    x = np.array(
        [
            [half == block for block in blocks]
            + [row.get(factor) == option for factor, option in terms]
            for row, half in zip(levels, halves, strict=True)
        ],
        dtype=np.float64,
    ).reshape(len(levels), len(blocks) + len(terms))
    y = np.array(values, dtype=np.float64)
    found, _, rank, _ = np.linalg.lstsq(x, y, rcond=None) if len(y) else (np.zeros(0), 0, 0, 0)
    spare = len(y) - int(rank)
    noise = sqrt(float(np.sum((y - x @ found) ** 2)) / spare) if spare > 0 else None
    gains = {factor: {known[0]: 0.0} for factor, known in options.items()}
    for (factor, option), gain in zip(terms, found[len(blocks) :], strict=True):
        gains[factor][option] = float(gain)
    return Additive(gains, noise)


def best_options(space: SearchSpace, gains: Mapping[str, Mapping[str, float]]) -> dict[str, str]:
    """Return the option of each of a space's units whose gains add up to most, within its rules.

    Args:
        gains: What options add, by the unit's name; what is missing adds nothing.
    """
    units = space.units

    @cache
    def best(i: int, on: frozenset[str]) -> tuple[float, tuple[str, ...]]:
        if i == len(units.units):
            return 0.0, ()
        name = units.units[i].name
        found = []
        for option in units.open(i, on):
            later, rest = best(i + 1, units.relevant(i + 1, on if option == OFF else on | {option}))
            found.append((gains.get(name, {}).get(option, 0.0) + later, (option, *rest)))
        # The first of equals: options begin with off.
        return max(found, key=lambda one: one[0])

    _, options = best(0, frozenset())
    return {unit.name: option for unit, option in zip(units.units, options, strict=True)}
