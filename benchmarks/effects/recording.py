"""Record a study in virtual time: the real queue decides, known truth answers, nothing is trained.

Trials come from `autotrick.tune.queue.queue_of`, as a driver asks it, and end as its pruner says. What
comes out are the rows that the database would hold.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from heapq import heappop, heappush
from typing import Protocol

from autotrick.recipe import Recipe
from autotrick.records.rows import FinalState, Point, TrialRow
from autotrick.space import SearchSpace
from autotrick.tricks import peak_lr
from autotrick.tune.driver.active_trial import ActiveTrial
from autotrick.tune.plan import plan_for
from autotrick.tune.queue import TrialQueue, queue_of
from autotrick.tune.schedulers.pruning import Verdict
from autotrick.tune.sources.source import Candidate
from benchmarks.curves import Curve
from benchmarks.searches import report_of

START = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)


class Truth(Protocol):
    """Answers what a training would report."""

    space: SearchSpace

    @property
    def epochs(self) -> int:
        """Return the epochs of a complete trial."""

    def find(self, recipe: Recipe) -> Curve:
        """Return what one training of a recipe reports."""


@dataclass(frozen=True, slots=True)
class Study:
    """What a search left behind.

    Attributes:
        trials: All, by number.
        reports: Their epochs, by number.
        epochs: Epochs of training over all trials.
    """

    trials: Sequence[TrialRow]
    reports: Mapping[int, Sequence[Point]]
    epochs: int


def record(
    truth: Truth, space: SearchSpace, *, trials: int, budget: int, seed: int, workers: int
) -> Study:
    """Return what a search over a space records.

    Args:
        space: That of the truth, with its own `[study]` and `[pruning]`.
        trials: Number of the study's trials, which its plan is made for.
        budget: Epochs of training. No trial starts or goes on that could exceed it.
        seed: The study's.
        workers: Number of parallel trials.
    """
    plan = plan_for(space, trials)
    queue = queue_of(space, trials=trials, seed=seed, plan=plan)
    return _Recording(truth, queue, budget).run(workers)


class _Recording:
    def __init__(self, truth: Truth, queue: TrialQueue, budget: int) -> None:
        self._truth, self._queue, self._left = truth, queue, budget
        self._spent = 0
        self._now = 0.0
        self._events: list[tuple[float, int]] = []
        self._new: list[Candidate] = []
        self._live: list[ActiveTrial] = []
        self._curves: list[Curve] = []
        self._points: dict[int, list[Point]] = {}
        self._states: dict[int, tuple[FinalState, str | None]] = {}

    def run(self, workers: int) -> Study:
        while True:
            while len(self._events) < workers and (trial := self._next()):
                # What a trial may still train is set aside until it ends or pauses.
                self._left -= trial.recipe.epochs - trial.epoch
                self._wait(trial.number)
            if not self._events:
                break
            self._now, number = heappop(self._events)
            self._epoch(self._live[number])
        for trial in self._queue.abandon():
            self._end(trial, "pruned")
        rows = [self._row(new) for new in self._new]
        return Study(rows, self._points, self._spent)

    def _next(self) -> ActiveTrial | None:
        if self._left < self._truth.epochs:
            return None
        if promoted := self._queue.next_promoted():
            return promoted
        while new := self._queue.next_candidate():
            trial = ActiveTrial(
                new.number, new.number, new.recipe, phase=new.phase, design=new.design
            )
            self._new.append(new)
            self._live.append(trial)
            self._curves.append(self._truth.find(new.recipe))
            self._points[new.number] = []
            if new.same_as is None:
                return trial
            self._copy(trial, new.same_as)
        return None

    def _copy(self, trial: ActiveTrial, same_as: int) -> None:
        """Take over the result of an equal recipe, as a driver does, without training."""
        for point in self._points[same_as]:
            trial.report = report_of(point.epoch, point.value)
            self._points[trial.number].append(point)
            self._queue.verdict(trial, trial.report)
        self._end(trial, "complete")

    def _wait(self, number: int) -> None:
        heappush(self._events, (self._now + self._curves[number].seconds, number))

    def _epoch(self, trial: ActiveTrial) -> None:
        curve, epoch = self._curves[trial.number], trial.epoch + 1
        self._spent += 1
        if epoch > len(curve.accuracy):
            self._left += trial.recipe.epochs - epoch
            self._end(trial, "failed", curve.failure)
            return
        accuracy = curve.accuracy[epoch - 1]
        trial.report = report_of(epoch, accuracy)
        self._points[trial.number].append(Point(epoch, accuracy, curve.seconds))
        verdict = self._queue.verdict(trial, trial.report)
        if epoch == trial.recipe.epochs:
            self._end(trial, "complete")
        elif verdict is Verdict.GO:
            self._wait(trial.number)
        else:
            self._left += trial.recipe.epochs - epoch
            if verdict is Verdict.PAUSE:
                self._queue.pause(trial)
            else:
                self._end(trial, "pruned")

    def _end(self, trial: ActiveTrial, state: FinalState, reason: str | None = None) -> None:
        self._states[trial.number] = state, reason
        self._queue.ended(trial, state, reason)

    def _row(self, new: Candidate) -> TrialRow:
        points = self._points[new.number]
        state, reason = self._states[new.number]
        return TrialRow(
            id=new.number + 1,
            study="simulated",
            number=new.number,
            state=state,
            recipe=new.recipe,
            digest=new.recipe.digest(),
            origin=new.origin,
            value=points[-1].value if points else None,
            epochs=len(points),
            seconds=sum(point.seconds for point in points),
            attempts=1,
            parameters=None,
            weights=None,
            reason=reason,
            created=START + timedelta(minutes=new.number),
            finished=START + timedelta(minutes=new.number + 1),
            lr=peak_lr(new.recipe),
            phase=new.phase,
            design=None if new.design is None else dict(new.design),
        )
