"""Trials that have not ended yet."""

from dataclasses import dataclass, field

from autotrick.recipe import EpochReport, Recipe


@dataclass(slots=True)
class ActiveTrial:
    """A trial that has not ended yet.

    Attributes:
        id: Its key in the database.
        attempt: The key of its open attempt, while it runs.
        report: The newest epoch.
        measures: Its known measures, except those of its epochs.
        seconds: Duration of each epoch, by epoch.
        lost: Attempts in a row that lost their workers without a new epoch.
    """

    id: int
    number: int
    recipe: Recipe
    attempt: int | None = None
    report: EpochReport | None = None
    measures: dict[str, float] = field(default_factory=dict)
    seconds: dict[int, float] = field(default_factory=dict)
    lost: int = 0

    @property
    def epoch(self) -> int:
        return self.report.epoch if self.report else 0

    def measures_at(self, report: EpochReport) -> dict[str, float]:
        """Return all known measures after an epoch."""
        seconds = sum(spent for epoch, spent in self.seconds.items() if epoch <= report.epoch)
        return self.measures | report.metrics | {"seconds": seconds}
