"""What the complete trials of a study reach in two measures, and which no other one beats in both."""

from collections.abc import Sequence
from dataclasses import dataclass

from autotrick.analysis.downsample import thin
from autotrick.measures import measure_of
from autotrick.objective import Objective
from autotrick.pareto import front
from autotrick.records.rows import TrialRow

_POINTS = 2000


@dataclass(frozen=True, slots=True)
class Spot:
    """A complete trial: what it reached, and whether it is of the Pareto set."""

    number: int
    x: float
    y: float
    best: bool


@dataclass(frozen=True, slots=True)
class Tradeoff:
    """Spots in order of x, thinned when there are many.

    Attributes:
        x: The measure to the right, of `autotrick.measures`.
        y: The measure upwards.
        names: The measures that the Pareto set is of; more than two where the study has more.
        total: How many trials have all of them.
    """

    x: str
    y: str
    names: tuple[str, ...]
    spots: list[Spot]
    total: int


def tradeoff(trials: Sequence[TrialRow], objective: Objective) -> Tradeoff:
    """Return what was reached in the measures of the objective: of a metric alone, and time."""
    names = objective.names
    if len(names) < 2:
        names = (*names, "seconds")
    y = next((name for name in names if measure_of(name).larger), names[0])
    x = next(name for name in names if name != y)
    known = [
        (trial.number, trial.measures)
        for trial in trials
        if trial.state == "complete" and all(name in trial.measures for name in names)
    ]
    signs = {name: 1 if measure_of(name).larger else -1 for name in names}
    best = set(front([tuple(signs[n] * m[n] for n in names) for _, m in known]))
    spots = [Spot(number, m[x], m[y], i in best) for i, (number, m) in enumerate(known)]
    spots.sort(key=lambda spot: (spot.x, spot.y, spot.number))
    return Tradeoff(x, y, names, thin(spots, _POINTS, keep=lambda spot: spot.best), len(spots))
