"""Trials that are not at their end, and those that are not on record yet."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from autotrick.recipe import EpochReport, Recipe
from autotrick.tune.constraints import Violation


@dataclass(slots=True)
class ActiveTrial:
    """A trial that is not at its end.

    Attributes:
        id: Its key in the database.
        attempt: The key of its open attempt, while it is executed.
        report: The newest epoch.
        measures: What is known of it beside its epochs.
        spent: Seconds of each epoch.
        lost: Attempts in a row that lost their workers before an epoch was new.
    """

    id: int
    number: int
    recipe: Recipe
    attempt: int | None = None
    report: EpochReport | None = None
    measures: dict[str, float] = field(default_factory=dict)
    spent: dict[int, float] = field(default_factory=dict)
    lost: int = 0

    @property
    def epoch(self) -> int:
        return self.report.epoch if self.report else 0

    def at(self, report: EpochReport) -> dict[str, float]:
        """Return what is known of it after an epoch."""
        seconds = sum(spent for epoch, spent in self.spent.items() if epoch <= report.epoch)
        return self.measures | report.metrics | {"seconds": seconds}


@dataclass(frozen=True, slots=True)
class Proposal:
    """A recipe for a trial that is not on record yet.

    Attributes:
        same_as: Number of the finished trial of the same recipe whose outcome it takes over.
        violation: Why it is turned away; another one is proposed for its number.
        place: How many proposals for that number were turned away before.
        measures: What was measured to checker it.
    """

    number: int
    recipe: Recipe
    origin: str
    same_as: int | None = None
    violation: Violation | None = None
    place: int = 0
    measures: Mapping[str, float] = field(default_factory=dict)
