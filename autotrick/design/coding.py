"""Which number is the effect of a trick in a design, as columns of a regression.

A trick's effect is the metric with it minus the metric with its factor `off`. In a slot without `off`,
one trick of which is always on, it is the metric with it minus the plain mean of the metric with each
of the others. Everything else that varies has columns of its own, and each half of a screen has one,
because it has a seed of its own.
"""

from collections.abc import Mapping, Sequence

import numpy as np

from autotrick.design.regression import Array
from autotrick.space import OFF


def tricks_of(levels: Sequence[Mapping[str, str]]) -> tuple[str, ...]:
    """Return the tricks that a design switches: options of factors that have several in it."""
    found: dict[str, None] = {}
    for options in options_of(levels).values():
        if len(options) > 1:
            found |= dict.fromkeys(option for option in options if option != OFF)
    return tuple(found)


def effect_columns(
    levels: Sequence[Mapping[str, str]], trick: str, *, halves: Sequence[int] = ()
) -> tuple[Array, int]:
    """Return (N, P) columns of the main effects, and which one's coefficient is the trick's effect.

    Args:
        levels: Of each run, by factor.
        trick: One of `tricks_of`.
        halves: The half of each run; none if all are of one.
    """
    columns = [np.ones(len(levels))]
    at = 0
    for name, options in options_of(levels).items():
        held = [row[name] for row in levels]
        own = {option: np.array([float(level == option) for level in held]) for option in options}
        if OFF in own or trick not in own:
            for option in list(own)[1:]:
                at = len(columns) if option == trick else at
                columns.append(own[option])
            continue
        at = len(columns)
        columns.append(own.pop(trick))
        last = own.popitem()[1] if own else 0.0
        columns += [column - last for column in own.values()]
    for half in sorted(set(halves))[1:]:
        columns.append(np.array([float(mine == half) for mine in halves]))
    return np.column_stack(columns), at


def options_of(levels: Sequence[Mapping[str, str]]) -> dict[str, list[str]]:
    """Return what each factor takes among the rows of a design, `off` first."""
    found: dict[str, dict[str, None]] = {}
    for row in levels:
        for name, option in row.items():
            found.setdefault(name, {})[option] = None
    return {
        name: sorted(options, key=lambda option: (option != OFF, option))
        for name, options in found.items()
    }
