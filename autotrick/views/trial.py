"""A trial with its epochs and attempts, as people and programs see it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from autotrick.recipe import EpochReport, Recipe, idle_tricks
from autotrick.records.rows import AttemptRow, AttemptState, TrialRow, TrialState
from autotrick.tasks import ACCURACY, known_metric
from autotrick.tasks import find as find_task
from autotrick.views.plain import plain


@dataclass(frozen=True, slots=True)
class EpochView:
    """The metrics of one epoch of a trial; its fields are those of `EpochReport`.

    Attributes:
        agreement: How far predictions agreed with the targets of mixed training images, in [0, 1];
            None if that was not measured. Not comparable with the metrics.
    """

    epoch: int
    metrics: Mapping[str, float]
    loss: float
    train_loss: float
    lr: float
    seconds: float
    weights: str
    extra: Mapping[str, Any]
    agreement: float | None = None

    @classmethod
    def of(cls, report: EpochReport, task: str | None = None) -> "EpochView":
        """Return the view of an epoch report.

        Args:
            task: Name of the trial's task; None is classification.
        """
        names = [field.name for field in fields(cls) if field.name != "agreement"]
        agreement = report.extra.get(find_task(task).agreement or "")
        return cls(**{name: getattr(report, name) for name in names}, agreement=agreement)

    @property
    def gain_over_raw(self) -> float | None:
        """What averaged weights change of the first metric, as people read it; None without them."""
        name, value = next(iter(self.metrics.items()))
        raw = self.extra.get(f"raw_{name}")
        metric = known_metric(name)
        return None if raw is None or metric is None else metric.scaled(value - raw)

    def to_json(self) -> dict[str, Any]:
        """Return the epoch as plain JSON, with accuracy under a key of its own if it is all."""
        metrics = list(self.metrics) == [ACCURACY.name]
        return {
            ACCURACY.name if metrics and name == "metrics" else name: plain(
                self.metrics[ACCURACY.name]
                if metrics and name == "metrics"
                else getattr(self, name)
            )
            for name in (field.name for field in fields(self))
            if name != "agreement"
        }


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
    phase: str | None
    design: Mapping[str, Any] | None
    num_attempts: int
    measures: Mapping[str, float]

    @classmethod
    def of(cls, row: TrialRow) -> "TrialView":
        """Return the view of a recorded trial."""
        names = [field.name for field in fields(cls) if field.name != "num_attempts"]
        return cls(**{n: getattr(row, n) for n in names}, num_attempts=row.attempts)

    @property
    def weighed(self) -> bool:
        """Whether its score is more than its value turned so that larger is better."""
        return self.score is not None and self.metric == ACCURACY.name

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
            tuple(EpochView.of(report, row.recipe.task) for report in reports),
            tuple(map(AttemptView.of, attempts)),
        )

    @property
    def without_effect(self) -> tuple[str, ...]:
        """The tricks that found nothing to change in this network, by the last report."""
        on = self.trial.recipe.tricks
        last = self.reports[-1].extra if self.reports else {}
        return tuple(trick for trick in idle_tricks(last) if trick in on)

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
