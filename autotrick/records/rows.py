"""The rows of the results database, as frozen dataclasses that hold no connection."""

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
    """Return the objective of a study over a space; accuracy if the objective cannot be read.

    That is enough to show such a study; no search continues it, as a search must read the whole
    space.
    """
    table = space.get("objective", {})
    try:
        return Objective.model_validate(table)
    except ValidationError:
        return _of_unknown_metric(table) or Objective()


def _of_unknown_metric(table: Any) -> Objective | None:
    """Return the objective if its metric is of an unknown task; otherwise None."""
    names = table.get("objectives") if isinstance(table, Mapping) else None
    if not isinstance(names, list | tuple) or not all(isinstance(name, str) for name in names):
        return None
    unknown = [name for name in names if name not in MEASURES]
    return Objective.model_construct(objectives=tuple(names)) if len(unknown) == 1 else None


@dataclass(frozen=True, slots=True)
class StudyPlan:
    """What `create_study` needs to know of a study.

    Attributes:
        question: The space's question in a sentence.
        space: The whole space as plain JSON.
        space_digest: Identifies the space.
        seed: Determines every suggestion; in [0, 2^63).
        budget: What the search may spend, as the search understands it; plain JSON.
        data: Facts about the data: classes with their counts, notes on files that were left out;
            plain JSON. None if unknown.
        parent: Name of the study that this one belongs to; None if it is independent.
        purpose: The kind of study, such as `list`; None is a search.
        task: Name of the task; None is classification.
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
        state: `open` while there is more to do, `complete` once the budget is used up, `stopping`
            while its driver is asked to stop, `stopped` after a person or a signal ended it.
        created: UTC.
        counts: Number of trials for each of the five trial states.
        best: The best value of a complete trial; None before the first.
        owner: The process that drives the study, or None.
        heartbeat: When the owner last renewed its lease, UTC.
        archived: Whether lists leave the study out.
        earlier_spaces: The spaces before this one, oldest first, each with its `digest`, its
            `space`, and `until`, the number of the first trial after it; None for a study that was
            never widened.
        ended: Why the last driver ended: the budget that was spent, the goal that was reached.
        data: Facts about the data, as in `StudyPlan`; None for a study recorded before they were
            kept.
        parent: Name of the study that this one belongs to; None if it is independent or its parent
            was deleted.
        purpose: The kind of study, such as `list`; None is a search.
        task: Name of the task; None is classification.
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
        """Its budget, where it runs, and what it starts from.

        Raises:
            RecordsError: The settings cannot be read, such as those of another version.
        """
        return SearchSettings.of(self.name, self.budget)

    @property
    def objective(self) -> Objective:
        """The objective; accuracy if another version's objective cannot be read."""
        return recorded_objective(self.space)

    @property
    def value_metric(self) -> Metric:
        """The metric of its trials' values; it also formats them for people."""
        return self.objective.metric

    @property
    def trials(self) -> int:
        """The number of trials in any state; also the next trial's number."""
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
        attempts: Number of executions begun.
        parameters: Number of trainable weights; None until known.
        weights: Digest of the weights after the last reported epoch.
        reason: Why it ended, unless it just completed: `nan_loss`, `out_of_memory`.
        created: UTC.
        finished: UTC; None until the state is final.
        multiply_adds: Multiply-adds of the network for one image; None until known.
        latency_ms: Median milliseconds for the prediction of one image, measured after training, or
            before it on the driver's machine if only a constraint needs it; None if not measured.
        robustness: The task's metric on corrupted validation images; None if not measured.
        memory: Bytes that training needs, measured before it; None if no constraint needs it.
        score: What ranks trials if the value does not, larger is better: the reward, or the negated
            value if a smaller value is better; None otherwise.
        lr: The resolved peak learning rate of its optimizer (`autotrick.tricks.peak_lr`); None for
            a trial that was not read from a database.
        metric: Name of the metric of `value`.
        phase: The phase of the study's plan that it belongs to: `base`, `screen` or `search`; None for
            a study without a plan.
        design: Its place in the design of its phase, as `autotrick.tune.sources` writes it, with the
            probability of each switch (`propensities`); None if nothing is recorded.
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
    phase: str | None = None
    design: dict[str, Any] | None = None

    @property
    def value_metric(self) -> Metric:
        """The metric of `value`; it also formats it for people."""
        return metric_of(self.metric)

    @property
    def weighed(self) -> bool:
        """Whether its score is a reward, not just its value, negated if smaller is better."""
        return self.score is not None and self.metric == ACCURACY.name

    @property
    def measures(self) -> dict[str, float]:
        """The known measures of the trial by their names in `autotrick.measures`."""
        measured = {self.metric: self.value} | {name: getattr(self, name) for name in COSTS}
        return {name: value for name, value in measured.items() if value is not None}


def common_metric(trials: Sequence[TrialRow]) -> Metric:
    """Return the metric of a study's trials; accuracy if there are none."""
    return trials[0].value_metric if trials else ACCURACY


class Point(NamedTuple):
    """The part of an epoch report that most of the analysis needs."""

    epoch: int
    value: float
    seconds: float


@dataclass(frozen=True, slots=True)
class TrickSet:
    """A set of tricks, and statistics over the trials that had exactly these on.

    Attributes:
        tricks: Sorted names; empty when all were off.
        num: Number of complete trials, over which the statistics are taken.
        num_pruned: Number of trials that the scheduler stopped.
        num_failed: Number of trials that failed.
        mean: Mean of the trials' values.
        squares: Sum of the squared deviations from that mean.
        best: The best of the values.
        best_trial: Number of the first trial with that value.
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
        state: `open` while it runs, `done` if it finished the trial, `failed` if the training code
            raised an error, `lost` if its process vanished, `stopped` if somebody stopped it.
        started: UTC.
        ended: UTC; None while open, and for an attempt that was open when its study was exported.
        environment: Versions, git commit, device and threads; None until the worker reported.
        cpus: CPUs that it occupied, possibly a fraction; None if not recorded.
        gpus: GPUs that it occupied, possibly a fraction; None if not recorded.
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
    """A checkpoint whose file is complete.

    Attributes:
        epoch: The epoch after which it was taken.
        path: A file path, or a URL of the shared storage.
        checksum: Checksum of the file's bytes.
        bytes: The file's size, in bytes.
    """

    trial_id: int
    epoch: int
    path: str
    checksum: str
    bytes: int


@dataclass(frozen=True, slots=True)
class RejectionRow:
    """A proposal that was rejected before training, because it violates a constraint.

    Attributes:
        number: Number of the trial that it was proposed for; that trial has another recipe.
        place: How many proposals were rejected for that trial before this one.
        measure: The measure whose constraint it violates.
        value: The recipe's value of the measure; infinite if it is more than the machine has.
        bound: The maximum that the constraint allows.
    """

    number: int
    place: int
    recipe: Recipe
    measure: str
    value: float
    bound: float


@dataclass(frozen=True, slots=True)
class LookRow:
    """A look at the test split.

    Attributes:
        number: Counted from 1 within a study and those that belong to it.
        candidates: What is looked at, as `autotrick.tune.confirm` writes it; plain JSON.
        result: What was found; None while it is not finished.
        forced: Whether it was made although the split had been looked at before.
        created: When the look was recorded, before the first test image was read; UTC.
        finished: When its result was recorded; None before that.
    """

    number: int
    candidates: tuple[dict[str, Any], ...]
    result: dict[str, Any] | None
    forced: bool
    created: datetime
    finished: datetime | None


@dataclass(frozen=True, slots=True)
class Launch:
    """The record of a trial that is ready to start.

    Attributes:
        number: The trial's number within its study.
        attempt_id: Id of its first attempt; None if none was opened.
    """

    trial_id: int
    number: int
    attempt_id: int | None


@dataclass(frozen=True, slots=True)
class TrialRecord:
    """All that is recorded about a trial, except its checkpoints.

    Attributes:
        reports: Epoch reports, in order.
        tries: Its attempts, first to last.
    """

    trial: TrialRow
    reports: tuple[EpochReport, ...]
    tries: tuple[AttemptRow, ...]
