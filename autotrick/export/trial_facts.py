"""What is on record of a trial that its exported model states: results, data, environment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from autotrick import records
from autotrick.data import Facts, recorded
from autotrick.design.paired import share_interval
from autotrick.errors import NotFoundError
from autotrick.recipe import EpochReport
from autotrick.records import Database, StudyRow, TrialRow
from autotrick.tasks import ACCURACY


@dataclass(frozen=True, slots=True)
class TrialFacts:
    """What is on record of a trial.

    Attributes:
        study: Its study.
        row: The trial.
        reports: One an epoch, in order.
        environment: Where its last attempt ran; empty if unknown.
    """

    study: StudyRow
    row: TrialRow
    reports: Sequence[EpochReport]
    environment: Mapping[str, Any]

    @classmethod
    def of(cls, database: Database, row: TrialRow) -> TrialFacts:
        """Return what a database knows of a trial.

        Raises:
            NotFoundError: The study is gone.
        """
        reports = records.reports(database, row.study, numbers=[row.number])
        tries = records.attempts(database, row.study, row.number)
        known = [attempt.environment for attempt in tries if attempt.environment]
        return cls(
            records.study(database, row.study),
            row,
            reports.get(row.number, []),
            known[-1] if known else {},
        )

    @property
    def data(self) -> Facts | None:
        """Classes and counts of the data set; None for a study recorded before they were kept."""
        return recorded(self.study.data)

    @property
    def images(self) -> int | None:
        """Number of validation images; None if unknown."""
        counts = self.data.counts if self.data else {}
        return sum(counts["validation"]) if "validation" in counts else None

    @property
    def interval(self) -> tuple[float, float] | None:
        """The ends of the 95 % interval of an accuracy over images; None of other metrics."""
        if self.row.metric != ACCURACY.name or self.row.value is None or not self.images:
            return None
        return share_interval(self.row.value, self.images)

    @property
    def caveat(self) -> str | None:
        """A sentence on a network that was not trained to its end; None of others."""
        row = self.row
        done = f"{row.epochs} of {row.recipe.epochs} epochs"
        if row.state == "pruned":
            return f"The trial was pruned: the network was trained for {done}."
        if row.state in ("running", "waiting"):
            return f"The trial is {row.state}: the network was trained for {done} so far."
        if row.epochs < row.recipe.epochs:
            why = f" ({row.reason})" if row.reason else ""
            return f"The trial ended early{why}: the network was trained for {done}."
        return None

    def expect_network(self) -> None:
        """Raise NotFoundError if the trial has no network worth using.

        Raises:
            NotFoundError: It failed, for example because its loss diverged, or has no epoch yet.
        """
        row = self.row
        name = f"trial {row.number} of study {row.study!r}"
        if row.state == "failed":
            why = "its loss diverged" if row.reason == "nan_loss" else f"reason: {row.reason}"
            raise NotFoundError(f"{name} failed ({why}), so it has no network. Choose another one.")
        if not row.epochs:
            raise NotFoundError(f"{name} is {row.state} and has no epoch yet. Choose another one.")
