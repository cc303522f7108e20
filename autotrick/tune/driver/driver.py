"""Between Ray and the database: decides what runs next, and records what happens.

Only the driver writes. It records a trial before its launch, every epoch when it is reported, and the
end when it comes; so after a kill at any moment the records say what is left to do.
"""

import time
from collections.abc import Mapping
from typing import Any, Literal

from autotrick import records
from autotrick.errors import DataError, ResourceError
from autotrick.objective import Value
from autotrick.recipe import EpochReport
from autotrick.records import Database, StudyRow
from autotrick.records.rows import FinalState, StudyState
from autotrick.space import SearchSpace
from autotrick.tune.checkpoints.retention import CheckpointRetention
from autotrick.tune.checkpoints.storage import inside
from autotrick.tune.cluster.worker import Assignment, Failure, Message
from autotrick.tune.driver import recorder
from autotrick.tune.driver.active_trial import ActiveTrial
from autotrick.tune.driver.events import Event
from autotrick.tune.driver.hang_detector import HangDetector
from autotrick.tune.driver.lease import Lease
from autotrick.tune.driver.options import DriverOptions
from autotrick.tune.driver.worker_failures import WorkerFailures
from autotrick.tune.plan import plan_of
from autotrick.tune.queue import queue_of
from autotrick.tune.schedulers.pruning import Verdict
from autotrick.tune.sources.race_rules import race_of
from autotrick.tune.sources.recipe_list import recipes_of
from autotrick.tune.sources.source import step_of
from autotrick.tune.warm_start import warm_start_of

FATAL = (ResourceError.__name__, DataError.__name__)
"""Failures that every further trial would have too: the study stops, and can be resumed."""


class Driver:
    """Runs one study over one run of the engine.

    Attributes:
        fatal: Why every further trial would fail too; None if they would not.
        asked_to_stop: Whether a person wants it to end; running trials end with their epoch.
    """

    def __init__(
        self,
        database: Database,
        study: StudyRow,
        space: SearchSpace,
        setup: DriverOptions,
        lease: Lease,
    ) -> None:
        self._database = database
        self._study = study
        self._setup = setup
        self._lease = lease
        self._objective = space.objective
        self._trials = study.settings.trials
        self._queue = queue_of(
            space,
            trials=self._trials,
            seed=study.seed,
            warm_start=warm_start_of(study),
            checker=setup.checker,
            recipes=recipes_of(study),
            race=race_of(study),
            plan=plan_of(study),
        )
        self._retention = CheckpointRetention(database, study.name, space, setup.storage)
        self._hangs = HangDetector(setup.hang_limit_s)
        self._active: dict[str, ActiveTrial] = {}
        self._failures = WorkerFailures()
        self._idle: set[tuple[str, str]] = set()
        self._arrived = time.monotonic()
        self.fatal: str | None = None
        self.asked_to_stop = False
        curves = records.reports(database, study.name)
        rows = records.trials(database, study.name)
        rejections = records.rejections(database, study.name) if setup.checker else ()
        self._queue.replay(rows, curves, rejections)
        ended = sorted((row for row in rows if row.finished), key=lambda row: str(row.finished))
        setup.meter.replay(
            (
                row.number,
                self._objective_value(row.state, row.measures),
                row.phase in (None, "search"),
            )
            for row in ended
        )

    def next(self, handle: str) -> dict[str, Any] | None:
        """Record the next trial, then return its assignment; None if nothing can run now.

        Interrupted trials come first, then promoted ones, then new ones.
        """
        self.renew()
        if self._over():
            return None
        trial = self._queue.next_interrupted()
        if trial is None and not self._setup.meter.plateau:
            trial = self._queue.next_promoted() or self._add_trial()
        if trial is None:
            return None
        self._active[handle] = trial
        return {"assignment": self._assignment(trial).model_dump_json()}

    def on_start(self, handle: str, node: str) -> None:
        """Open an attempt."""
        trial = self._active[handle]
        self._failures.worker_started()
        self._hangs.heard(handle)
        recorder.open_attempt(self._database, trial, self._setup, node)
        self._setup.meter.begin(handle)
        self._tell("started", trial)

    def on_message(self, handle: str, text: str) -> bool:
        """Record a worker's message; return whether its trial goes on."""
        trial = self._active.get(handle)
        if trial is None:  # it has ended; Ray delivers what was on the way
            return False
        self._arrived = time.monotonic()
        message = Message.model_validate_json(text)
        self.renew()
        trial.measures |= message.measures
        self._hangs.heard(handle)
        if note := message.behind(trial.epoch):
            self._tell("behind", trial, note=note)
        recorder.describe_attempt(self._database, trial, message)
        verdict = self._record_epochs(trial, message)
        if verdict is Verdict.STOP:
            return self._finish(handle, trial, "pruned")
        if verdict is Verdict.PAUSE:
            return self._pause(handle, trial)
        if message.failure:
            return self._fail(handle, trial, message.failure)
        if message.finished or (trial.report and trial.report.epoch == trial.recipe.epochs):
            return self._finish(handle, trial, "complete", reason=message.ended_by)
        return not self._over() or self._interrupt(handle, trial, self.reason)

    def on_lost(self, handle: str) -> None:
        """Close the attempt of a worker that died; its trial goes on or fails."""
        trial = self._active.get(handle)
        hung = self._hangs.forget(handle)
        if trial is None:
            return
        reason = "hanging" if hung else "worker_lost"
        what = f"said nothing for {self._setup.hang_limit_s:g} s" if hung else "died"
        begun = trial.attempt is not None
        if failure := self._failures.record(trial, reason, what):
            self._fail(handle, trial, failure)
        else:
            self._interrupt(handle, trial, reason, state="lost")
            self._queue.add_interrupted(trial)
            if begun:
                self._tell("lost", trial, note=f"its worker {what}; it goes on from its checkpoint")

    def hanging(self) -> list[str]:
        """Return the trials whose silent workers must be stopped, each once."""
        return self._hangs.silent()

    def renew(self) -> None:
        """Check that this driver still holds the study, and whether it is asked to stop."""
        self._lease.check()
        self.asked_to_stop |= self._lease.asked_to_stop

    def close(self, reason: str) -> None:
        """Close every open attempt; unfinished trials wait to be resumed.

        If the search is finished, no paused trial will go on, and each is pruned.
        """
        ended = self.ended or reason
        if self.finished and not self._over():
            for trial in self._queue.abandon():
                self._end(trial, "pruned")
            self._retention.close()
        records.end_open_attempts(self._database, self._study.id, reason=reason, state="stopped")
        study = records.study(self._database, self._study.name)
        # The study may have been extended meanwhile; a later driver uses that.
        more = study.counts["waiting"] or study.settings.trials > self._trials
        done = (self._queue.empty or self._setup.meter.plateau) and not more
        state: StudyState = "complete" if done else "stopped"
        records.set_study_state(self._database, self._study.id, state, ended=ended)

    @property
    def finished(self) -> bool:
        """Whether `next` will return nothing more, whatever the running trials reach."""
        enough = self._setup.meter.plateau is not None and not self._queue.has_interrupted
        return self._over() or (not self._active and (enough or self._queue.empty))

    @property
    def ended(self) -> str | None:
        """Which budget or request ends the search, in words; None if something else does."""
        if self.fatal or self.asked_to_stop:
            return self.fatal or "asked to stop"
        if self.out_of_time:
            return "time budget"
        if self._setup.meter.spent or self._active:
            return self._setup.meter.spent
        tried = self._queue.why_unused or "all trials have been tried"
        return tried if self._queue.empty else self._setup.meter.plateau

    @property
    def reason(self) -> str:
        """Why running trials are stopped, as recorded with their attempts."""
        return (not self.fatal and self.ended) or "interrupted"

    @property
    def halted(self) -> bool:
        """Whether the search is over and no worker is running: waiting trials must not start."""
        under_way = any(trial.attempt is not None for trial in self._active.values())
        return self._over() and not under_way

    @property
    def out_of_time(self) -> bool:
        """Whether the time budget is spent."""
        return self._setup.deadline is not None and time.monotonic() >= self._setup.deadline

    def _over(self) -> bool:
        asked = self.fatal or self.asked_to_stop
        return bool(asked or self.out_of_time or self._setup.meter.spent)

    def _add_trial(self) -> ActiveTrial | None:
        """Record the next new trial that must be trained, and all that comes before it."""
        while new := self._queue.next_candidate():
            if new.violation:
                recorder.add_rejection(self._database, self._study.id, new, new.violation)
                # Finding a recipe within the constraints may take time.
                self.renew()
                if self._over():
                    return None
                continue
            trial = recorder.add_trial(
                self._database, self._study.id, new, self._objective.measured
            )
            if new.same_as is None:
                return trial
            for report in recorder.copy_epochs(
                self._database, trial, self._study.name, new.same_as
            ):
                # A resumed driver compares these epochs with those of other trials.
                self._queue.verdict(trial, report)
            self._end(trial, "complete")
        return None

    def _assignment(self, trial: ActiveTrial) -> Assignment:
        """Return all that a worker needs to train a trial, from its newest checkpoint if it has one."""
        setup, start = self._setup, self._queue.begins_with(trial.number)
        other = inside(setup.storage, f"trial-{start.trial}") if start else None
        return Assignment(
            recipe=trial.recipe,
            folder=str(inside(setup.storage, f"trial-{trial.number}")),
            cache=setup.cache,
            device=setup.device,
            measures=self._objective.measured,
            sync_epochs=self._queue.sync_epochs(trial),
            begins_with=(str(other), start.epoch) if start else None,
            data_dir=setup.data_dir,
            keep_epoch=self._queue.keep_epoch(trial),
            observe=setup.observe[0],
            observe_every=setup.observe[1],
        )

    def _record_epochs(self, trial: ActiveTrial, message: Message) -> Verdict:
        """Record a message's epochs up to the first that pauses or stops the trial."""
        verdict, count = Verdict.GO, 0
        while verdict is Verdict.GO and count < len(message.reports):
            verdict = self._queue.verdict(trial, message.reports[count])
            count += 1
        if not count:
            return verdict
        reports = message.reports[:count]
        if reports[-1].epoch > trial.epoch:
            trial.lost = 0
        if checkpoint := recorder.add_epochs(
            self._database, trial, reports, message.checkpoint, self._objective.metric.name
        ):
            self._retention.written(trial.number, checkpoint)
        for trial.report in reports:
            self._tell("epoch", trial)
        self._say_idle(trial, reports[-1])
        return verdict

    def _say_idle(self, trial: ActiveTrial, report: EpochReport) -> None:
        """Say once which tricks find nothing to change in a network."""
        for trick in report.without_effect:
            network = trial.recipe.architecture
            if trick in trial.recipe.tricks and (trick, network) not in self._idle:
                self._idle.add((trick, network))
                self._setup.notice(
                    f"{trick} finds nothing to change in {network}, so trials with both train without "
                    "it. Their reports record it, and effects count it as on."
                )

    def _pause(self, handle: str, trial: ActiveTrial) -> bool:
        self._interrupt(handle, trial, "paused at a rung")
        self._queue.pause(trial)
        self._tell("paused", trial)
        return False

    def _interrupt(
        self,
        handle: str,
        trial: ActiveTrial,
        reason: str,
        state: Literal["lost", "stopped"] = "stopped",
    ) -> bool:
        """Let a trial wait; `state` and `reason` are recorded with its attempt."""
        self._setup.meter.end(handle)
        self._forget(handle)
        recorder.close_attempt(self._database, trial, state, reason)
        return False

    def _fail(self, handle: str, trial: ActiveTrial, failure: Failure) -> bool:
        if failure.reason in FATAL:
            self.fatal = failure.message
            return self._interrupt(handle, trial, self.reason)
        recorder.close_attempt(self._database, trial, "failed", failure.trace or failure.message)
        return self._finish(handle, trial, "failed", reason=failure.reason, note=failure.message)

    def _finish(
        self,
        handle: str,
        trial: ActiveTrial,
        state: FinalState,
        *,
        reason: str | None = None,
        note: str = "",
    ) -> bool:
        self._setup.meter.end(handle)
        self._end(trial, state, reason=reason, note=note)
        self._forget(handle)
        return False

    def _forget(self, handle: str) -> None:
        del self._active[handle]
        self._hangs.forget(handle)

    def _end(
        self, trial: ActiveTrial, state: FinalState, *, reason: str | None = None, note: str = ""
    ) -> None:
        known = trial.measures_at(trial.report) if trial.report else {}
        score = self._objective.score(known) if state == "complete" else None
        measures = trial.measures | ({} if score is None else {"score": score})
        records.finish_trial(self._database, trial.id, state, reason=reason, measures=measures)
        self._retention.ended(trial.number)
        self._queue.ended(trial, state, reason)
        value_of_trial = self._objective_value(state, known)
        self._setup.meter.add_result(trial.number, value_of_trial, searched=trial.of_search)
        self._tell(state, trial, note=note or reason or "")

    def _objective_value(self, state: str, measures: Mapping[str, float]) -> Value | None:
        return self._objective.value(measures) if state == "complete" else None

    def _tell(self, kind: str, trial: ActiveTrial, note: str = "") -> None:
        lag_s = time.monotonic() - self._arrived
        step = step_of(trial.phase, trial.design)
        told = Event(kind, trial.number, trial.recipe, trial.report, note, lag_s, step)
        self._setup.listener(told)
