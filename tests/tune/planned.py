"""A study with phases, driven without Ray: its rows are its record, and all that a kill leaves."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from autotrick.random_streams import key_of
from autotrick.recipe import EpochReport, Recipe
from autotrick.records import RejectionRow, TrialRow
from autotrick.sample import WarmStart
from autotrick.space import SearchSpace
from autotrick.tune.constraints import ConstraintChecker
from autotrick.tune.driver.active_trial import ActiveTrial
from autotrick.tune.plan import Plan, plan_for
from autotrick.tune.queue import TrialQueue, queue_of
from autotrick.tune.schedulers.pruning import Verdict
from tests.simulated import START, a_report

TRICKS = ("linear_warmup", "cosine_decay", "label_smoothing", "mixup", "cutout", "ema")
GAINS = {"cosine_decay": 2.0, "ema": 1.0, "mixup": -2.0}
"""What the tricks that matter add to the last accuracy, in points."""


def a_space(*tricks: str, **tables: Any) -> SearchSpace:
    """Return a space over tricks with a rate and a batch size to find."""
    return SearchSpace.model_validate(
        {
            "name": "planned",
            "question": "Which tricks help?",
            "data": {"name": "digits", "fingerprint": "f00d"},
            "fixed": {"architecture": "lenet5", "epochs": 4},
            "search": {
                "base_lr": {"low": 0.01, "high": 1.0, "log": True},
                "batch_size": [32, 64, 128],
            },
            "tricks": {name: {} for name in tricks or TRICKS},
        }
        | tables
    )


def accuracy(recipe: Recipe, gains: Mapping[str, float], noise: float) -> float:
    """Return the last accuracy of a recipe in percent: the best rate is 0.2."""
    rng = np.random.default_rng(key_of(recipe.digest()))
    gain = sum(gains.get(name, 0.0) for name in recipe.tricks)
    return 80 + gain - float(np.log(recipe.base_lr / 0.2)) ** 2 + noise * rng.normal()


def steady(recipe: Recipe) -> str | None:
    """Let no trial fail."""
    return None


def never(step: int) -> bool:
    """Kill no driver."""
    return False


@dataclass
class Planned:
    """A study with phases that two workers train, one epoch of one trial after the other.

    Attributes:
        failure: The reason for which a recipe fails, after its first epoch; None if it does not.
        seconds: Duration of an epoch.
        gains: What tricks add to the last accuracy, in points.
        noise: Its standard deviation, in points.
        rows: The record.
        copied: From which trial each took over its result, by number.
    """

    space: SearchSpace
    trials: int = 40
    seconds: float = 1.0
    budget_s: float | None = None
    seed: int = 7
    noise: float = 0.2
    gains: Mapping[str, float] = field(default_factory=lambda: GAINS)
    failure: Callable[[Recipe], str | None] = steady
    checker: ConstraintChecker | None = None
    warm_start: WarmStart | None = None
    plan: Plan | None = None
    rows: list[TrialRow] = field(default_factory=list)
    curves: dict[int, list[EpochReport]] = field(default_factory=dict)
    rejections: list[RejectionRow] = field(default_factory=list)
    copied: dict[int, int] = field(default_factory=dict)
    queue: TrialQueue = field(init=False)
    running: list[ActiveTrial] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.plan = self.plan or plan_for(self.space, self.trials, seconds=self.budget_s)
        self.start()

    def extended(self, trials: int) -> "Planned":
        """Return the same study with more trials."""
        rows, curves = list(self.rows), {n: list(curve) for n, curve in self.curves.items()}
        return replace(self, trials=trials, rows=rows, curves=curves)

    def start(self) -> None:
        """Begin like a driver: with the record alone."""
        self.running = []
        self.queue = queue_of(
            self.space,
            trials=self.trials,
            seed=self.seed,
            plan=self.plan,
            checker=self.checker,
            warm_start=self.warm_start,
        )
        self.queue.replay(self.rows, {n: list(c) for n, c in self.curves.items()}, self.rejections)

    def run(self, *, kill: Callable[[int], bool] = never) -> "Planned":
        """Run to the end.

        Args:
            kill: Whether the driver is killed, and another one started, before this step.
        """
        step = 0
        while self.step():
            step += 1
            if kill(step):
                self.start()
        return self

    def step(self) -> bool:
        """Fill two workers, then train an epoch of the trial that has waited longest."""
        while len(self.running) < 2 and (trial := self._following()):
            self.running.append(trial)
        if not self.running:
            return False
        self._epoch(self.running.pop(0))
        return True

    def phases(self) -> list[str | None]:
        return [row.phase for row in self.rows]

    def of(self, phase: str) -> list[TrialRow]:
        return [row for row in self.rows if row.phase == phase]

    def _following(self) -> ActiveTrial | None:
        trial = self.queue.next_interrupted() or self.queue.next_promoted()
        if trial is not None:
            return trial
        while new := self.queue.next_candidate():
            if new.violation:
                found = new.violation
                self.rejections.append(
                    RejectionRow(
                        new.number, new.attempt, new.recipe, found.measure, found.value, found.bound
                    )
                )
                continue
            self.rows.append(_row(new.number, new.recipe, new.origin, new.phase, new.design))
            trial = ActiveTrial(
                new.number + 1, new.number, new.recipe, phase=new.phase, design=new.design
            )
            if new.same_as is None:
                return trial
            self._copy(trial, new.same_as)
        return None

    def _copy(self, trial: ActiveTrial, other: int) -> None:
        self.copied[trial.number] = other
        self.curves[trial.number] = list(self.curves[other])
        trial.report = self.curves[other][-1]
        for report in self.curves[other]:
            self.queue.verdict(trial, report)
        row = self.rows[other]
        self._write(trial.number, value=row.value, epochs=row.epochs, seconds=row.seconds)
        self._end(trial, "complete")

    def _epoch(self, trial: ActiveTrial) -> None:
        epoch = trial.epoch + 1
        value = accuracy(trial.recipe, self.gains, self.noise) - 10 / epoch
        trial.report = a_report(epoch, value / 100, seconds=self.seconds)
        self.curves.setdefault(trial.number, []).append(trial.report)
        self._write(trial.number, value=value / 100, epochs=epoch, seconds=epoch * self.seconds)
        verdict = self.queue.verdict(trial, trial.report)
        if reason := self.failure(trial.recipe):
            self._end(trial, "failed", reason)
        elif verdict is Verdict.STOP:
            self._end(trial, "pruned")
        elif verdict is Verdict.PAUSE:
            self.queue.pause(trial)
        elif epoch == trial.recipe.epochs:
            self._end(trial, "complete")
        else:
            self.running.append(trial)

    def _end(self, trial: ActiveTrial, state: Any, reason: str | None = None) -> None:
        self._write(trial.number, state=state, reason=reason)
        self.queue.ended(trial, state, reason)

    def _write(self, number: int, **changes: Any) -> None:
        self.rows[number] = replace(self.rows[number], **changes)


def _row(
    number: int, recipe: Recipe, origin: str, phase: str | None, design: Mapping[str, Any] | None
) -> TrialRow:
    return TrialRow(
        id=number + 1,
        study="planned",
        number=number,
        state="waiting",
        recipe=recipe,
        digest=recipe.digest(),
        origin=origin,
        value=None,
        epochs=0,
        seconds=0.0,
        attempts=0,
        parameters=None,
        weights=None,
        reason=None,
        created=START,
        finished=None,
        phase=phase,
        design=None if design is None else dict(design),
    )
