"""What every source of recipes offers."""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from autotrick.objective import Value
from autotrick.recipe import Recipe
from autotrick.records import RejectionRow, TrialRow
from autotrick.space import Phase
from autotrick.tune.constraints import Violation

BASELINE = 0
"""The trial that the others are compared with; it is never pruned."""

RECOMMENDED = "recommended"
"""What the design of a trial names that the screen recommends."""


def runs_whole(number: int, phase: str | None, design: Mapping[str, Any] | None) -> bool:
    """Return whether a trial is trained to its last epoch, whatever it reaches.

    The baseline is, the trials of base and screen, and those that the screen recommends.
    """
    return number == BASELINE or phase in ("base", "screen") or RECOMMENDED in (design or {})


def step_of(phase: str | None, design: Mapping[str, Any] | None) -> str:
    """Return where a trial stands in its study's plan: `base 2/6`, `screen 7/24`, `search`.

    The second number is that of the trials that the phase is sure to have; empty without a plan.
    """
    place = {"row": -1, "half": 0, "runs": 0} | dict(design or {})
    if phase == "base" and "planned" in place:
        return f"base {min(place['candidate'] + 1, place['planned'])}/{place['planned']}"
    if phase == "screen" and "planned" in place:
        number = place["half"] * place["runs"] + place["row"] + 1
        return f"screen {number}/{place['planned']}"
    return phase or ""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A recipe for a trial that is not recorded yet.

    Attributes:
        number: The trial's number.
        origin: Where the recipe comes from, in words.
        same_as: Number of the finished trial of the same recipe whose result is copied; None for a
            recipe that must be trained.
        violation: The constraint that the recipe violates; another candidate then gets the number.
        attempt: How many candidates for that number were rejected before.
        measures: What the constraint check measured.
        replaces: Number of the trial that ran out of memory, where this is its recipe with half the
            batch.
        phase: The phase of the study's plan that it belongs to; None without a plan.
        design: Its place in the design of its phase; plain JSON.
    """

    number: int
    recipe: Recipe
    origin: str
    same_as: int | None = None
    violation: Violation | None = None
    attempt: int = 0
    measures: Mapping[str, float] = field(default_factory=dict)
    replaces: int | None = None
    phase: Phase | None = None
    design: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """The state of a trial that a source should know, and its result so far.

    Attributes:
        value: Its objective value, larger is better; None if it has none.
        epochs: How many epochs it was trained.
        reason: Of a failure, in one word.
        metric: Its value of the study's metric as it was measured; None if it has none.
        seconds: Duration of these epochs.
    """

    state: Literal["running", "paused", "complete", "pruned", "failed"]
    value: Value | None = None
    epochs: int = 0
    reason: str | None = None
    metric: float | None = None
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class StartingCheckpoint:
    """The checkpoint of another trial that a trial begins with.

    Attributes:
        epoch: The epoch after which it was written.
    """

    trial: int
    epoch: int


class RecipeSource(ABC):
    """Where a study's recipes come from.

    A source has no state but what it was told: a new one that replays the recorded trials continues
    identically.
    """

    @abstractmethod
    def replay(self, rows: Sequence[TrialRow], rejections: Iterable[RejectionRow] = ()) -> None:
        """Learn what is recorded of the study; the source is new.

        Args:
            rows: All its trials, by number.
            rejections: All rejected candidates.
        """

    @abstractmethod
    def left(self, number: int) -> int | None:
        """Return how many recipes there are now for trials from `number` on; None if unlimited."""

    @abstractmethod
    def why_exhausted(self, unused: int) -> str:
        """Return in words why there are no more recipes.

        Args:
            unused: How many trials of the study have no recipe.
        """

    @abstractmethod
    def ask(self, number: int) -> Candidate:
        """Return a candidate for the trial of that number; ask only while some are left.

        A candidate with a violation is recorded, and the same number is asked for again.
        """

    def tell(self, number: int, recipe: Recipe, outcome: Outcome) -> None:  # noqa: B027
        """Learn the state and result of a trial."""

    def observe(self, number: int, value: Value, epochs: int) -> None:  # noqa: B027
        """Learn how far a running trial has come.

        Args:
            number: The trial's number.
            value: Its objective value so far, larger is better.
            epochs: How many epochs it has had.
        """

    def reject(self, number: int, attempt: int, recipe: Recipe, excess: float) -> None:  # noqa: B027
        """Learn that a candidate was rejected.

        Args:
            number: The trial's number.
            attempt: How many candidates were rejected for that number before.
            excess: By how much the recipe is over its bound, as a share of that, above 0.
        """

    def take_over(self, number: int, failed: int) -> tuple[Phase | None, Mapping[str, Any] | None]:
        """Learn that a trial takes the place of a failed one; return phase and design that it has there.

        Args:
            failed: Number of the failed trial.
        """
        return None, None

    def begins_with(self, number: int) -> StartingCheckpoint | None:
        """Return the checkpoint that a trial begins with; None for one that starts from scratch."""
        return None

    def keep_epoch(self, epoch: int) -> int | None:
        """Return the epoch whose checkpoint a trial at `epoch` must keep, because others may begin with it."""
        return None
