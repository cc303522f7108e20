"""What the results database gives back: frozen values that hold no connection."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, NamedTuple

from pydantic import ValidationError

from autotrick.measures import COSTS, MEASURES
from autotrick.objective import Objective
from autotrick.recipe import EpochReport, Recipe
from autotrick.records.search_settings import SearchSettings
from autotrick.tasks import ACCURACY, Metric, metric_of

StudyState = Literal["open", "complete", "stopping", "stopped"]
TrialState = Literal["waiting", "running", "complete", "pruned", "failed"]
FinalState = Literal["complete", "pruned", "failed"]
AttemptState = Literal["open", "done", "lost", "failed", "stopped"]

TRIAL_STATES: tuple[TrialState, ...] = ("waiting", "running", "complete", "pruned", "failed")
UNFINISHED_STATES: tuple[TrialState, ...] = ("waiting", "running")
FINAL_STATES: tuple[FinalState, ...] = ("complete", "pruned", "failed")


def recorded_objective(space: Mapping[str, Any]) -> Objective:
    """Return what a study over a space looks for; accuracy where that cannot be read.

    Nothing goes on with such a study: to search, all of the space must be read.
    """
    table = space.get("objective", {})
    try:
        return Objective.model_validate(table)
    except ValidationError:
        return _of_unknown_metric(table) or Objective()


def _of_unknown_metric(table: Any) -> Objective | None:
    """Return an objective on the metric of a task that this process does not know; None of others."""
    names = table.get("objectives") if isinstance(table, Mapping) else None
    if not isinstance(names, list | tuple) or not all(isinstance(name, str) for name in names):
        return None
    unknown = [name for name in names if name not in MEASURES]
    return Objective.model_construct(objectives=tuple(names)) if len(unknown) == 1 else None


@dataclass(frozen=True, slots=True)
class StudyPlan:
    """What `create_study` is told.

    Attributes:
        question: The space's question in a sentence.
        space: The whole space as plain JSON.
        space_digest: Names the space; a study never changes to another one.
        seed: Decides every suggestion; in [0, 2^63).
        budget: What the search may spend, as the search understands it; plain JSON.
        data: What reading the data found: classes with their counts, notes on files that were left
            out; plain JSON. None if nothing is known.
        parent: Name of the study that it belongs to; None for one that stands alone.
        purpose: What it is for, such as `list`; None is a search.
        task: Name of its task; None is classification.
    """

    name: str
    question: str
    space: Mapping[str, Any]
    space_digest: str
    seed: int
    budget: Mapping[str, Any]
    metric: str = ACCURACY.name
    earlier_spaces: list[dict[str, Any]] | None = None
    data: Mapping[str, Any] | None = None
    parent: str | None = None
    purpose: str | None = None
    task: str | None = None


@dataclass(frozen=True, slots=True)
class StudyRow:
    """One search over a space.

    Attributes:
        state: `open` while there is more to do, `complete` when the budget is used up, `stopping`
            while its driver is asked to end, `stopped` when a person or a signal ended it.
        created: UTC.
        counts: Number of trials for each of the five trial states.
        best: The best value of a complete trial; None before the first.
        owner: The process that drives the study, or None.
        heartbeat: When the owner last said that it lives, UTC.
        archived: Whether lists leave it out.
        earlier_spaces: The spaces that held before this one, oldest first, each with its `digest`,
            its `space`, and `until`, the first trial's number for which it held no more; None for a
            study that was never widened.
        ended: Why the last driver ended: the budget that was spent, the goal that was reached.
        data: What reading the data found, as `StudyPlan` has it; None of a study that was recorded
            before this was kept.
        parent: Name of the study that it belongs to; None if it stands alone or that one is deleted.
        purpose: What it is for, such as `list`; None is a search.
        task: Name of its task; None is classification.
    """

    id: int
    name: str
    question: str
    space: dict[str, Any]
    space_digest: str
    metric: str
    seed: int
    budget: dict[str, Any]
    state: StudyState
    created: datetime
    counts: dict[TrialState, int]
    best: float | None
    owner: str | None
    heartbeat: datetime | None
    archived: bool = False
    earlier_spaces: list[dict[str, Any]] | None = None
    ended: str | None = None
    data: dict[str, Any] | None = None
    parent: str | None = None
    purpose: str | None = None
    task: str | None = None

    @property
    def settings(self) -> SearchSettings:
        """What the study may spend, where it runs, and what it starts from.

        Raises:
            RecordsError: They cannot be read, such as those of another version.
        """
        return SearchSettings.of(self.name, self.budget)

    @property
    def objective(self) -> Objective:
        """What the study looks for; accuracy where another version's objective cannot be read."""
        return recorded_objective(self.space)

    @property
    def value_metric(self) -> Metric:
        """The metric that the values of its trials are of, and that writes them for people."""
        return self.objective.metric

    @property
    def trials(self) -> int:
        """Number of trials, whatever their state; also the next trial's number."""
        return sum(self.counts.values())


@dataclass(frozen=True, slots=True)
class TrialRow:
    """One recipe being run or having run in a study.

    Attributes:
        study: The study's name.
        number: Counted from 0 within the study, without gaps.
        origin: Who proposed the recipe, such as `tpe`, `random` or an expert's label.
        value: The study's metric on the validation split after the last reported epoch; None
            before the first.
        epochs: Last reported epoch.
        seconds: Sum over the reported epochs.
        attempts: How many executions were begun.
        parameters: Number of trainable weights; None until known.
        weights: Digest of the weights after the last reported epoch.
        reason: Why it ended as it did, when that needs saying: `nan_loss`, `out_of_memory`.
        created: UTC.
        finished: UTC; None until the state is final.
        multiply_adds: Of the network for one image; None until known.
        latency_ms: Median time of one image's prediction, after training; before it, on the driver's
            machine, where only a constraint asks; None if not measured.
        robustness: The task's metric on corrupted validation images; None if not measured.
        memory: Bytes that its training takes, measured before it; None if no constraint asks.
        score: What trials are ranked by where that is not the value, larger is better: the reward, or
            the negated value where a smaller one is better; None otherwise.
        lr: The resolved peak learning rate of its optimizer (`autotrick.tricks.peak_lr`); None of a
            trial that was not read from a database.
        metric: Name of the metric that `value` is of.
    """

    id: int
    study: str
    number: int
    state: TrialState
    recipe: Recipe
    digest: str
    origin: str
    value: float | None
    epochs: int
    seconds: float
    attempts: int
    parameters: int | None
    weights: str | None
    reason: str | None
    created: datetime
    finished: datetime | None
    multiply_adds: int | None = None
    latency_ms: float | None = None
    robustness: float | None = None
    memory: int | None = None
    score: float | None = None
    lr: float | None = None
    metric: str = ACCURACY.name

    @property
    def value_metric(self) -> Metric:
        """The metric that `value` is of, and that writes it for people."""
        return metric_of(self.metric)

    @property
    def weighed(self) -> bool:
        """Whether its score is more than its value turned so that larger is better."""
        return self.score is not None and self.metric == ACCURACY.name

    @property
    def measures(self) -> dict[str, float]:
        """What is known of the trial by the names of `autotrick.measures`."""
        found = {self.metric: self.value} | {name: getattr(self, name) for name in COSTS}
        return {name: value for name, value in found.items() if value is not None}


def common_metric(trials: Sequence[TrialRow]) -> Metric:
    """Return the metric of a study's trials; accuracy where there are none."""
    return trials[0].value_metric if trials else ACCURACY


class Point(NamedTuple):
    """What most of the analysis needs of an epoch report."""

    epoch: int
    value: float
    seconds: float


@dataclass(frozen=True, slots=True)
class TrickSet:
    """Tricks that were on together, with nothing else on, and what their trials came to.

    Attributes:
        tricks: Sorted names; empty when all were off.
        num: Complete trials; the following numbers are theirs.
        num_pruned: Trials that the scheduler stopped.
        num_failed: Trials that failed.
        mean: Mean of their values.
        squares: Sum of the squared deviations from that mean.
        best: The best of them.
        best_trial: The number of the first trial that has it.
    """

    tricks: tuple[str, ...]
    num: int
    num_pruned: int
    num_failed: int
    mean: float
    squares: float
    best: float
    best_trial: int


@dataclass(frozen=True, slots=True)
class AttemptRow:
    """One execution of a trial.

    Attributes:
        number: Counted from 1 within the trial.
        state: `open` while it runs, `done` when it brought the trial to its end, `failed` when the
            training code gave up, `lost` when its process vanished, `stopped` when it was told to.
        started: UTC.
        ended: UTC; None while open, and of one that was open when its study was exported.
        environment: Versions, git commit, device and threads; None until the worker reported.
        cpus: Processors that it occupied, or a share of one; None where that was not recorded.
        gpus: Likewise of GPUs.
    """

    id: int
    number: int
    state: AttemptState
    reason: str | None
    started: datetime
    ended: datetime | None
    node: str | None
    device: str | None
    environment: dict[str, Any] | None
    cpus: float | None = None
    gpus: float | None = None


@dataclass(frozen=True, slots=True)
class CheckpointRow:
    """A checkpoint that was wholly written.

    Attributes:
        epoch: The epoch after which it was taken.
        path: A file path, or a URL of the shared storage.
        checksum: Of the file's bytes.
        bytes: The file's size.
    """

    trial_id: int
    epoch: int
    path: str
    checksum: str
    bytes: int


@dataclass(frozen=True, slots=True)
class RejectionRow:
    """A proposal that was turned away before training, because it breaks a constraint.

    Attributes:
        number: The trial that it was proposed for; another recipe has that number.
        place: How many were turned away for that trial before it.
        measure: The constraint that it breaks.
        value: What the recipe has of it; infinite where that is more than the machine could give.
        bound: What it may have at most.
    """

    number: int
    place: int
    recipe: Recipe
    measure: str
    value: float
    bound: float


@dataclass(frozen=True, slots=True)
class Launch:
    """The record of a trial that may now be started.

    Attributes:
        number: The trial's number within its study.
        attempt_id: Its first attempt, or None when none was opened.
    """

    trial_id: int
    number: int
    attempt_id: int | None


@dataclass(frozen=True, slots=True)
class TrialRecord:
    """All that is on record about a trial, but for its checkpoints, which are files elsewhere.

    Attributes:
        reports: One an epoch, in order.
        tries: Its attempts, first to last.
    """

    trial: TrialRow
    reports: tuple[EpochReport, ...]
    tries: tuple[AttemptRow, ...]
