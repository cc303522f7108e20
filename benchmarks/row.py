"""One line of the table: our figure, theirs and their ratio."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median


@dataclass(frozen=True, slots=True)
class Row:
    """Hold an autotrick figure next to the same figure of an alternative.

    Attributes:
        name: Benchmark, then what was measured: `overhead: no-op trial, history 0`.
        theirs: Figure of the alternative; None if there is none.
        ratio: ours / theirs.
        unit: For units ending in `/s`, more is better; for all others, less is better.
        goal: Goal for the ratio, or for our figure if there is no ratio; None for no goal.
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
        """Return whether the goal is met; None without a goal."""
        if self.goal is None:
            return None
        value = self.ours if self.ratio is None else self.ratio
        return value >= self.goal if self.unit.endswith("/s") else value <= self.goal


def compared(
    name: str, ours: Sequence[float], theirs: Sequence[float], unit: str, goal: float | None
) -> Row:
    """Return a row of the medians of two series of repetitions and their ratio."""
    here, there = median(ours), median(theirs)
    return Row(name, _short(here), _short(there), _short(here / there), unit, goal, len(ours))


def alone(name: str, ours: Sequence[float], unit: str, goal: float | None = None) -> Row:
    """Return a row for a figure without a counterpart."""
    return Row(name, _short(median(ours)), None, None, unit, goal, len(ours))


def _short(value: float) -> float:
    """Return a number rounded to three digits, which a shared machine can reproduce."""
    return float(f"{value:.3g}")
