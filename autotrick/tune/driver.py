"""Between Ray and the database: what is tried next, what is kept, and what is on record.

Only the driver writes. A trial is recorded before it is launched, every epoch when it is reported,
and the end when it comes; so after a kill at any moment the records say what is left to do.
"""

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autotrick import records
from autotrick.recipe import EpochReport, Recipe
from autotrick.records import CheckpointRow, Database, StudyRow
from autotrick.records.rows import FinalState
from autotrick.sample import Proposer
from autotrick.space import SearchSpace
from autotrick.tune.asha import Rungs
from autotrick.tune.worker import Assignment, Failure, Message

FATAL = ("ResourceError", "DataError")
"""Failures that every further trial would share: the study stops, and can be resumed."""

RENEWAL_S = 10.0
"""How often the driver says that it lives."""


@dataclass(frozen=True, slots=True)
class Event:
    """Something that people who watch a search want to know.

    Attributes:
        kind: `started`, `epoch`, `lost`, or the final state.
        report: The newest epoch, when there is one.
        note: Why, when that needs saying.
    """

    kind: str
    number: int
    recipe: Recipe
    report: EpochReport | None = None
    note: str = ""


Listener = Callable[[Event], None]


@dataclass(slots=True)
class _Live:
    """A trial that Ray has been given.

    Attributes:
        passed: Epoch that it is known to have gone on from; no rung up to there cuts it again.
    """

    id: int
    number: int
    recipe: Recipe
    passed: int = 0
    attempt: int | None = None
    report: EpochReport | None = None


@dataclass(frozen=True)
class Setup:
    """What a driver works with beside the study.

    Attributes:
        storage: Folder of the study's checkpoints; every node must reach it.
        cache: The data cache on every node; None for the default.
        device: `cpu` or `cuda`.
        deadline: `time.monotonic` after which no trial goes on; None for no limit.
    """

    storage: Path
    cache: Path | None
    device: str
    deadline: float | None
    listener: Listener


class Driver:
    """Conducts one study over one run of the engine.

    Attributes:
        fatal: Why every further trial would fail too; None while there is no such reason.
    """

    def __init__(
        self, database: Database, study: StudyRow, space: SearchSpace, setup: Setup
    ) -> None:
        self._database = database
        self._study = study
        self._setup = setup
        self._owner = records.this_process()
        self._target = int(study.budget["trials"])
        self._proposer = Proposer(space, seed=study.seed)
        self._rungs = Rungs(
            space.pruning.first if space.pruning.method == "asha" else 0, space.pruning.factor
        )
        self._live: dict[str, _Live] = {}
        self._renewed = time.monotonic()
        self.fatal: str | None = None
        known = records.trials(database, study.name)
        self._count = len(known)
        self._waiting = deque(row for row in known if row.state in ("waiting", "running"))
        self._proposer.replay(known)
        for number, reports in records.reports(database, study.name).items():
            self._rungs.refill(number, reports)

    def next(self, handle: str) -> dict[str, Any] | None:
        """Record what will be launched, then return its assignment; None when all is launched."""
        self._renew()
        if self._over():
            return None
        if self._waiting:
            row = self._waiting.popleft()
            # What was decided after the last recorded epoch is not on record.
            live = _Live(row.id, row.number, row.recipe, passed=max(0, row.epochs - 1))
        elif self._count < self._target:
            live = self._propose()
        else:
            return None
        self._live[handle] = live
        assignment = Assignment(
            recipe=live.recipe,
            folder=str(self._setup.storage / f"trial-{live.number}"),
            cache=str(self._setup.cache) if self._setup.cache else None,
            device=self._setup.device,
        )
        return {"assignment": assignment.model_dump_json()}

    def on_start(self, handle: str, node: str) -> None:
        """Open an attempt."""
        live = self._live[handle]
        device = self._setup.device
        live.attempt = records.open_attempt(self._database, live.id, node=node, device=device)
        self._tell("started", live)

    def on_message(self, handle: str, text: str) -> bool:
        """Record what a worker says; return whether its trial goes on."""
        live = self._live.get(handle)
        if live is None:  # ended already; Ray delivers what was under way
            return False
        message = Message.model_validate_json(text)
        self._renew()
        if message.environment and live.attempt is not None:
            facts = message.environment
            records.describe_attempt(
                self._database, live.attempt, node=message.node, environment=facts
            )
        for report in message.reports:
            self._record(live, report, message)
            if not self._goes_on(live, report):
                return self._finish(handle, live, "pruned", parameters=message.parameters)
        if message.failure:
            return self._fail(handle, live, message.failure)
        if message.finished or (live.report and live.report.epoch == live.recipe.epochs):
            return self._finish(handle, live, "complete", parameters=message.parameters)
        return not self._over()

    def on_lost(self, handle: str, *, final: bool) -> None:
        """Close the attempt of a worker that died; `final` gives the trial up."""
        live = self._live.get(handle)
        if live is None:
            return
        if final:
            failure = Failure(reason="worker_lost", message="its workers died again and again")
            self._fail(handle, live, failure)
        elif live.attempt is not None:
            records.close_attempt(self._database, live.attempt, "lost", reason="worker_lost")
            live.attempt = None
            self._tell("lost", live, note="its worker died; it goes on from its checkpoint")

    def close(self, reason: str) -> None:
        """Close every open attempt; trials that are not at their end wait to be resumed."""
        records.release_open(self._database, self._study.id, reason=reason, state="stopped")
        left = records.study(self._database, self._study.name).counts["waiting"]
        ended = self._count >= self._target and not left
        records.set_study_state(self._database, self._study.id, "complete" if ended else "stopped")

    @property
    def idle(self) -> bool:
        """Whether every trial that was asked for is launched."""
        return not self._waiting and self._count >= self._target

    @property
    def out_of_time(self) -> bool:
        """Whether the time budget is spent."""
        return self._setup.deadline is not None and time.monotonic() >= self._setup.deadline

    def _over(self) -> bool:
        return self.fatal is not None or self.out_of_time

    def _propose(self) -> _Live:
        number = self._count
        recipe, origin = self._proposer.ask(number)
        launch = records.add_trial(
            self._database, self._study.id, recipe, origin=origin, number=number, launch=False
        )
        self._count += 1
        return _Live(launch.trial_id, launch.number, recipe)

    def _record(self, live: _Live, report: EpochReport, message: Message) -> None:
        saved = message.checkpoint
        checkpoint = None
        if saved and saved.epoch == report.epoch:
            checkpoint = CheckpointRow(
                live.id, saved.epoch, saved.path, saved.checksum, saved.bytes
            )
        records.add_report(self._database, live.id, report, checkpoint=checkpoint)
        live.report = report
        self._tell("epoch", live)

    def _goes_on(self, live: _Live, report: EpochReport) -> bool:
        kept = self._rungs.keeps(live.number, report)
        if report.epoch <= live.passed or report.epoch == live.recipe.epochs:
            return True
        if kept:
            live.passed = report.epoch
        return kept

    def _fail(self, handle: str, live: _Live, failure: Failure) -> bool:
        if failure.reason in FATAL:
            self.fatal = failure.message
            return False
        if live.attempt is not None:
            why = failure.trace or failure.message
            records.close_attempt(self._database, live.attempt, "failed", reason=why)
        return self._finish(handle, live, "failed", reason=failure.reason, note=failure.message)

    def _finish(
        self,
        handle: str,
        live: _Live,
        state: FinalState,
        *,
        parameters: int | None = None,
        reason: str | None = None,
        note: str = "",
    ) -> bool:
        records.finish_trial(self._database, live.id, state, reason=reason, parameters=parameters)
        value, epochs = (live.report.accuracy, live.report.epoch) if live.report else (None, 0)
        self._proposer.tell(live.number, live.recipe, value, state, epochs=epochs, reason=reason)
        del self._live[handle]
        self._tell(state, live, note=note or reason or "")
        return False

    def _tell(self, kind: str, live: _Live, note: str = "") -> None:
        self._setup.listener(Event(kind, live.number, live.recipe, live.report, note))

    def _renew(self) -> None:
        if time.monotonic() - self._renewed > RENEWAL_S:
            records.renew_claim(self._database, self._study.id, self._owner)
            self._renewed = time.monotonic()
