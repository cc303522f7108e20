"""Trials that have not ended yet."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from autotrick.recipe import EpochReport, Recipe
from autotrick.tune.sources.source import runs_whole


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
        phase: The phase of the study's plan that it belongs to; None without a plan.
        design: Its place in the design of its phase.
    """

    id: int
    number: int
    recipe: Recipe
    attempt: int | None = None
    report: EpochReport | None = None
    measures: dict[str, float] = field(default_factory=dict)
    seconds: dict[int, float] = field(default_factory=dict)
    lost: int = 0
    phase: str | None = None
    design: Mapping[str, Any] | None = None

    @property
    def epoch(self) -> int:
        return self.report.epoch if self.report else 0

    @property
    def whole(self) -> bool:
        """Whether it is trained to its last epoch, whatever it reaches."""
        return runs_whole(self.number, self.phase, self.design)

    @property
    def of_search(self) -> bool:
        """Whether the search proposed it: only such trials are compared with each other at rungs.

        Those of base and screen are whole whatever they reach. At a rung they would set a bar that
        says more about rates and single tricks than about the combinations that the search tries.
        """
        return self.phase in (None, "search")

    @property
    def spent(self) -> float:
        """Seconds of all its epochs."""
        return sum(self.seconds.values())

    def measures_at(self, report: EpochReport) -> dict[str, float]:
        """Return all known measures after an epoch."""
        seconds = sum(spent for epoch, spent in self.seconds.items() if epoch <= report.epoch)
        return self.measures | report.metrics | {"seconds": seconds}
