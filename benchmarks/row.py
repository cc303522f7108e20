"""One line of the table: our figure, theirs, and how they compare."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median


@dataclass(frozen=True, slots=True)
class Row:
    """A figure of ours beside the same figure of what one would use instead.

    Attributes:
        name: Benchmark, then what was measured: `overhead: no-op trial, history 0`.
        theirs: None where there is nothing to compare with.
        ratio: ours / theirs.
        unit: A rate ends in `/s`, and more is better; of all other units less is.
        goal: Of the ratio; where there is none, of our figure itself. None for no goal.
        runs: Repetitions behind the medians.
    """

    name: str
    ours: float
    theirs: float | None
    ratio: float | None
    unit: str
    goal: float | None
    runs: int

    @property
    def met(self) -> bool | None:
        """Whether the goal is met; None without a goal."""
        if self.goal is None:
            return None
        value = self.ours if self.ratio is None else self.ratio
        return value >= self.goal if self.unit.endswith("/s") else value <= self.goal


def compared(
    name: str, ours: Sequence[float], theirs: Sequence[float], unit: str, goal: float | None
) -> Row:
    """Return the row of two series of repetitions: their medians, and the medians' ratio."""
    here, there = median(ours), median(theirs)
    return Row(name, _short(here), _short(there), _short(here / there), unit, goal, len(ours))


def alone(name: str, ours: Sequence[float], unit: str, goal: float | None = None) -> Row:
    """Return the row of a figure that has no counterpart."""
    return Row(name, _short(median(ours)), None, None, unit, goal, len(ours))


def _short(value: float) -> float:
    """Return three digits: what a shared machine can repeat."""
    return float(f"{value:.3g}")
