"""A trial with its epochs and attempts, as people and programs see it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from autotrick.recipe import EpochReport, Recipe
from autotrick.records.rows import AttemptRow, AttemptState, TrialRow, TrialState
from autotrick.views.plain import plain


@dataclass(frozen=True, slots=True)
class EpochView:
    """The metrics of one epoch of a trial; its fields are those of `EpochReport`."""

    epoch: int
    accuracy: float
    loss: float
    train_loss: float
    lr: float
    seconds: float
    weights: str
    extra: Mapping[str, Any]

    @classmethod
    def of(cls, report: EpochReport) -> "EpochView":
        """Return the view of an epoch report."""
        return cls(**{field.name: getattr(report, field.name) for field in fields(cls)})

    @property
    def gain_over_raw(self) -> float | None:
        """Points by which averaged weights beat the trained ones; None without averaging."""
        raw = self.extra.get("raw_accuracy")
        return None if raw is None else 100 * (self.accuracy - raw)

    @property
    def mixed_accuracy(self) -> float | None:
        """Accuracy on mixed training images, in [0, 1]; not comparable with `accuracy`."""
        found: float | None = self.extra.get("mixed_accuracy")
        return found

    def to_json(self) -> dict[str, Any]:
        """Return the epoch as plain JSON."""
        return {field.name: plain(getattr(self, field.name)) for field in fields(self)}


@dataclass(frozen=True, slots=True)
class AttemptView:
    """One execution of a trial.

    Attributes:
        number: Counted from 1 within the trial.
        started: UTC.
        ended: UTC; None while it runs.
        environment: Versions, git commit, device and threads; None until known.
        cpus: CPUs that it used; None if not recorded.
        gpus: GPUs that it used; None if not recorded.
    """

    number: int
    state: AttemptState
    reason: str | None
    started: datetime
    ended: datetime | None
    node: str | None
    device: str | None
    environment: Mapping[str, Any] | None
    cpus: float | None
    gpus: float | None

    @classmethod
    def of(cls, row: AttemptRow) -> "AttemptView":
        """Return the view of a recorded attempt."""
        return cls(**{field.name: getattr(row, field.name) for field in fields(cls)})

    @property
    def seconds(self) -> float | None:
        """Wall-clock time; None while it runs."""
        return None if self.ended is None else (self.ended - self.started).total_seconds()

    def to_json(self) -> dict[str, Any]:
        """Return the attempt as plain JSON."""
        return {field.name: plain(getattr(self, field.name)) for field in fields(self)}

    def deprecated_json(self) -> dict[str, Any]:
        """Return what `number` was called before."""
        return {"attempt": self.number}


@dataclass(frozen=True, slots=True)
class TrialView:
    """One recipe that runs or ran in a study; `TrialRow` says what its fields mean.

    Attributes:
        metric: Name of the metric that `value` is of.
        num_attempts: Number of attempts so far.
        measures: Everything that was measured, by the names of `autotrick.measures`.
    """

    study: str
    number: int
    state: TrialState
    recipe: Recipe
    digest: str
    origin: str
    metric: str
    value: float | None
    epochs: int
    seconds: float
    parameters: int | None
    weights: str | None
    reason: str | None
    created: datetime
    finished: datetime | None
    multiply_adds: int | None
    latency_ms: float | None
    robustness: float | None
    memory: int | None
    score: float | None
    lr: float | None
    num_attempts: int
    measures: Mapping[str, float]

    @classmethod
    def of(cls, row: TrialRow) -> "TrialView":
        """Return the view of a recorded trial."""
        new = ("metric", "num_attempts")
        values = {f.name: getattr(row, f.name) for f in fields(cls) if f.name not in new}
        return cls(**values, metric="accuracy", num_attempts=row.attempts)

    def to_json(self) -> dict[str, Any]:
        """Return the trial as plain JSON."""
        return {field.name: plain(getattr(self, field.name)) for field in fields(self)}

    def deprecated_json(self) -> dict[str, Any]:
        """Return what `number`, `num_attempts` and `recipe.accumulation` were called before."""
        return {
            "trial": self.number,
            "attempts": self.num_attempts,
            "accumulation": self.recipe.accumulation,
        }


@dataclass(frozen=True, slots=True)
class TrialDetail:
    """Everything on record about one trial.

    Attributes:
        reports: In order of epochs.
        attempts: First to last.
    """

    trial: TrialView
    reports: tuple[EpochView, ...]
    attempts: tuple[AttemptView, ...]

    @classmethod
    def of(
        cls, row: TrialRow, reports: Sequence[EpochReport], attempts: Sequence[AttemptRow]
    ) -> "TrialDetail":
        """Return the view of a recorded trial with its epochs and attempts."""
        return cls(
            TrialView.of(row),
            tuple(map(EpochView.of, reports)),
            tuple(map(AttemptView.of, attempts)),
        )

    def to_json(self) -> dict[str, Any]:
        """Return the trial as plain JSON, with its epochs and attempts as lists."""
        return self.trial.to_json() | {
            "reports": [report.to_json() for report in self.reports],
            "attempts": [attempt.to_json() for attempt in self.attempts],
        }

    def deprecated_json(self) -> dict[str, Any]:
        """Return what `attempts` and the trial's own keys were called before."""
        attempts = [attempt.to_json() | attempt.deprecated_json() for attempt in self.attempts]
        return self.trial.deprecated_json() | {"tries": attempts}
