"""Asynchronous successive halving on epochs.

Li, Jamieson, Rostamizadeh, Gonina, Hardt, Recht, Talwalkar, "A System for Massively Parallel
Hyperparameter Tuning", MLSys 2020. https://arxiv.org/abs/1810.05934

Differs: a trial that is not among the best of its rung ends; it is not paused to be promoted later.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from autotrick.recipe import EpochReport


@dataclass
class Rungs:
    """What trials reached at the epochs where the worse part is cut.

    Attributes:
        first: Epoch of the first cut; 0 means that nothing is cut.
        factor: One of `factor` trials goes on from each rung; the next rung is at `factor` times
            the epoch.
    """

    first: int
    factor: int
    _values: dict[int, dict[int, float]] = field(default_factory=dict)

    def keeps(self, trial: int, report: EpochReport) -> bool:
        """Record a report and return whether its trial goes on.

        A trial goes on where it is among the best 1/factor of the trials that the rung has seen so
        far, itself included; the first one always does. Asking again gives the same rung entry.
        """
        if not self.is_rung(report.epoch):
            return True
        seen = self._values.setdefault(report.epoch, {})
        seen[trial] = report.accuracy
        kept = max(1, len(seen) // self.factor)
        return report.accuracy >= sorted(seen.values(), reverse=True)[kept - 1]

    def refill(self, trial: int, reports: Iterable[EpochReport]) -> None:
        """Record what an earlier driver saw, without deciding anything."""
        for report in reports:
            self.keeps(trial, report)

    def is_rung(self, epoch: int) -> bool:
        """Return whether trials are compared after this epoch."""
        rung = self.first
        while 0 < rung < epoch and self.factor > 1:
            rung *= self.factor
        return rung == epoch
