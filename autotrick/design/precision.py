"""How sharp the effects of a design will be, before any of its runs."""

from collections.abc import Mapping, Sequence
from math import inf

from autotrick.design.coding import effect_columns, tricks_of
from autotrick.design.regression import Fit


def half_widths(
    levels: Sequence[Mapping[str, str]], noise: float, *, halves: Sequence[int] = ()
) -> dict[str, float]:
    """Return the half-width to expect of each trick's 95 % interval, in the unit of `noise`.

    What is estimated is said in `coding`: main effects by least squares, with the robust errors and the
    degrees of freedom of `regression.Fit`. Interactions in the model, and settings that matter, change
    it. A trick whose effect the runs cannot tell has infinity.

    Args:
        levels: Of each run, by factor.
        noise: Standard deviation of one run's value, in points.
        halves: The half of each run, where there are several.
    """
    found: dict[str, float] = {}
    for trick in tricks_of(levels):
        columns, at = effect_columns(levels, trick, halves=halves)
        reach = Fit(columns).half_width(at, noise)
        found[trick] = inf if reach is None else reach
    return found
