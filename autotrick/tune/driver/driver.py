"""Between Ray and the database: what is tried next, what is kept, and what is on record.

Only the driver writes. A trial is recorded before it is launched, every epoch when it is reported,
and the end when it comes; so after a kill at any moment the records say what is left to do.
"""

import time
from collections.abc import Mapping
from typing import Any, Literal

from autotrick import records
from autotrick.errors import DataError, ResourceError
from autotrick.objective import Value
from autotrick.records import Database, StudyRow
from autotrick.records.rows import FinalState, StudyState
from autotrick.space import SearchSpace
from autotrick.tune.checkpoints.retention import CheckpointRetention
from autotrick.tune.cluster.worker import Failure, Message
from autotrick.tune.driver import recorder
from autotrick.tune.driver.active_trial import ActiveTrial
from autotrick.tune.driver.assigning import assignment_of
from autotrick.tune.driver.events import Event
from autotrick.tune.driver.hang_detector import HangDetector
from autotrick.tune.driver.intake import kept
from autotrick.tune.driver.lease import Lease
from autotrick.tune.driver.options import DriverOptions
from autotrick.tune.driver.worker_failures import WorkerFailures
from autotrick.tune.queue import TrialQueue
from autotrick.tune.schedulers.pruning import Verdict
from autotrick.tune.warm_start import warm_start_of

FATAL = (ResourceError.__name__, DataError.__name__)
"""Failures that every further trial would share: the study stops, and can be resumed."""


class Driver:
    """Conducts one study over one run of the engine.

    Attributes:
        fatal: Why every further trial would fail too; None while there is no such reason.
        asked_to_stop: Whether a person wants it to end; running trials end with their epoch.
    """

    def __init__(
        self,
        database: Database,
        study: StudyRow,
        space: SearchSpace,
        setup: DriverOptions,
        claim: Lease,
    ) -> None:
        self._database = database
        self._study = study
        self._setup = setup
        self._claim = claim
        self._objective = space.objective
        self._queue = TrialQueue(
            space,
            trials=int(study.budget["trials"]),
            seed=study.seed,
            warm_start=warm_start_of(study),
            checker=setup.checker,
        )
        self._shelf = CheckpointRetention(database, study.name, space, setup.storage)
        self._listening = HangDetector(setup.hang_limit_s)
        self._live: dict[str, ActiveTrial] = {}
        self._losses = WorkerFailures()
        self._arrived = time.monotonic()
        self.fatal: str | None = None
        self.asked_to_stop = False
        curves = records.reports(database, study.name)
        rows = records.trials(database, study.name)
        turned_away = records.refusals(database, study.name) if setup.checker else ()
        self._queue.replay(rows, curves, turned_away)
        ended = sorted((row for row in rows if row.finished), key=lambda row: str(row.finished))
        setup.meter.replay((row.number, self._worth(row.state, row.measures)) for row in ended)

    def next(self, handle: str) -> dict[str, Any] | None:
        """Record what will be launched, then return its assignment; None when nothing is now.

        What was interrupted comes first, then what is promoted, then what is new.
        """
        self.renew()
        if self._over():
            return None
        live = self._queue.again()
        if live is None and not self._setup.meter.plateau:
            live = self._queue.promoted() or self._propose()
        if live is None:
            return None
        self._live[handle] = live
        told = assignment_of(live, self._queue, self._setup, self._objective.measured)
        return {"assignment": told.model_dump_json()}

    def on_start(self, handle: str, node: str) -> None:
        """Open an attempt."""
        live = self._live[handle]
        self._losses.begun()
        self._listening.heard(handle)
        recorder.open_attempt(self._database, live, self._setup, node)
        self._setup.meter.begin(handle)
        self._tell("started", live)

    def on_message(self, handle: str, text: str) -> bool:
        """Record what a worker says; return whether its trial goes on."""
        live = self._live.get(handle)
        if live is None:  # ended already; Ray delivers what was under way
            return False
        self._arrived = time.monotonic()
        message = Message.model_validate_json(text)
        self.renew()
        live.measures |= message.measures
        self._listening.heard(handle)
        if note := message.behind(live.epoch):
            self._tell("behind", live, note=note)
        recorder.describe_attempt(self._database, live, message)
        verdict = self._take_in(live, message)
        if verdict is Verdict.STOP:
            return self._finish(handle, live, "pruned")
        if verdict is Verdict.PAUSE:
            return self._pause(handle, live)
        if message.failure:
            return self._fail(handle, live, message.failure)
        if message.finished or (live.report and live.report.epoch == live.recipe.epochs):
            return self._finish(handle, live, "complete")
        return not self._over() or self._interrupt(handle, live, self.reason)

    def on_lost(self, handle: str) -> None:
        """Close the attempt of a worker that died; its trial goes on, or is given up."""
        live = self._live.get(handle)
        hung = self._listening.forget(handle)
        if live is None:
            return
        reason = "hanging" if hung else "worker_lost"
        what = f"said nothing for {self._setup.hang_limit_s:g} s" if hung else "died"
        begun = live.attempt is not None
        if failure := self._losses.counted(live, reason, what):
            self._fail(handle, live, failure)
        else:
            self._interrupt(handle, live, reason, state="lost")
            self._queue.interrupted(live)
            if begun:
                self._tell("lost", live, note=f"its worker {what}; it goes on from its checkpoint")

    def hanging(self) -> list[str]:
        """Return the trials whose workers are to be ended because they say nothing, each once."""
        return self._listening.silent()

    def renew(self) -> None:
        """Hear whether the study is still this driver's, and whether it is asked to end."""
        self._claim.check()
        self.asked_to_stop |= self._claim.asked_to_stop

    def close(self, reason: str) -> None:
        """Close every open attempt; trials that are not at their end wait to be resumed.

        Where the search came to its end, no paused trial will go on any more, and each is pruned.
        """
        ended = self.ended or reason
        if self.finished and not self._over():
            for live in self._queue.abandon():
                self._end(live, "pruned")
            self._shelf.close()
        records.release_open(self._database, self._study.id, reason=reason, state="stopped")
        study = records.study(self._database, self._study.name)
        # Meanwhile the study may have been given more, which is a later driver's.
        more = study.counts["waiting"] or study.budget["trials"] > self._study.budget["trials"]
        done = (self._queue.empty or self._setup.meter.plateau) and not more
        state: StudyState = "complete" if done else "stopped"
        records.set_study_state(self._database, self._study.id, state, ended=ended)

    @property
    def finished(self) -> bool:
        """Whether `next` has nothing any more, whatever the trials under way come to."""
        enough = self._setup.meter.plateau is not None and not self._queue.cut_short
        return self._over() or (not self._live and (enough or self._queue.empty))

    @property
    def ended(self) -> str | None:
        """Which budget or wish ends the search, in words; None where something else does."""
        if self.fatal or self.asked_to_stop:
            return self.fatal or "asked to stop"
        if self.out_of_time:
            return "time budget"
        if self._setup.meter.spent or self._live:
            return self._setup.meter.spent
        tried = self._queue.unused or "all trials have been tried"
        return tried if self._queue.empty else self._setup.meter.plateau

    @property
    def reason(self) -> str:
        """Why trials under way are stopped, as is recorded of their attempts."""
        return (not self.fatal and self.ended) or "interrupted"

    @property
    def halted(self) -> bool:
        """Whether the search is over and no worker is at work: what waits is not to begin."""
        under_way = any(live.attempt is not None for live in self._live.values())
        return self._over() and not under_way

    @property
    def out_of_time(self) -> bool:
        """Whether the time budget is spent."""
        return self._setup.deadline is not None and time.monotonic() >= self._setup.deadline

    def _over(self) -> bool:
        asked = self.fatal or self.asked_to_stop
        return bool(asked or self.out_of_time or self._setup.meter.spent)

    def _in_time(self) -> bool:
        self.renew()
        return not self._over()

    def _propose(self) -> ActiveTrial | None:
        for new in kept(self._queue, self._database, self._study.id, self._in_time):
            live = recorder.add_trial(self._database, self._study.id, new, self._objective.measured)
            if new.same_as is None:
                return live
            for report in recorder.copy_epochs(self._database, live, self._study.name, new.same_as):
                # A later driver finds these epochs where those of others are compared.
                self._queue.verdict(live, report)
            self._end(live, "complete")
        return None

    def _take_in(self, live: ActiveTrial, message: Message) -> Verdict:
        """Record a message's epochs, those after the first that is the trial's end left out."""
        verdict, kept = Verdict.GO, 0
        while verdict is Verdict.GO and kept < len(message.reports):
            verdict = self._queue.verdict(live, message.reports[kept])
            kept += 1
        if not kept:
            return verdict
        reports = message.reports[:kept]
        if reports[-1].epoch > live.epoch:
            live.lost = 0
        if checkpoint := recorder.add_epochs(
            self._database, live, reports, message.checkpoint, self._objective.metric.name
        ):
            self._shelf.written(live.number, checkpoint)
        for live.report in reports:
            self._tell("epoch", live)
        return verdict

    def _pause(self, handle: str, live: ActiveTrial) -> bool:
        self._interrupt(handle, live, "paused at a rung")
        self._queue.pause(live)
        self._tell("paused", live)
        return False

    def _interrupt(
        self,
        handle: str,
        live: ActiveTrial,
        reason: str,
        state: Literal["lost", "stopped"] = "stopped",
    ) -> bool:
        """Let a trial wait, to go on later; `state` and `reason` are recorded of its attempt."""
        self._setup.meter.end(handle)
        self._drop(handle)
        recorder.close_attempt(self._database, live, state, reason)
        return False

    def _fail(self, handle: str, live: ActiveTrial, failure: Failure) -> bool:
        if failure.reason in FATAL:
            self.fatal = failure.message
            return self._interrupt(handle, live, self.reason)
        recorder.close_attempt(self._database, live, "failed", failure.trace or failure.message)
        return self._finish(handle, live, "failed", reason=failure.reason, note=failure.message)

    def _finish(
        self,
        handle: str,
        live: ActiveTrial,
        state: FinalState,
        *,
        reason: str | None = None,
        note: str = "",
    ) -> bool:
        self._setup.meter.end(handle)
        self._end(live, state, reason=reason, note=note)
        self._drop(handle)
        return False

    def _drop(self, handle: str) -> None:
        del self._live[handle]
        self._listening.forget(handle)

    def _end(
        self, live: ActiveTrial, state: FinalState, *, reason: str | None = None, note: str = ""
    ) -> None:
        known = live.at(live.report) if live.report else {}
        score = self._objective.score(known) if state == "complete" else None
        measures = live.measures | ({} if score is None else {"score": score})
        records.finish_trial(self._database, live.id, state, reason=reason, measures=measures)
        value = live.report.metrics[self._objective.metric.name] if live.report else None
        self._shelf.ended(live.number, state, measures.get("score", value))
        self._queue.ended(live, state, reason)
        self._setup.meter.saw(live.number, self._worth(state, known))
        self._tell(state, live, note=note or reason or "")

    def _worth(self, state: str, measures: Mapping[str, float]) -> Value | None:
        return self._objective.value(measures) if state == "complete" else None

    def _tell(self, kind: str, live: ActiveTrial, note: str = "") -> None:
        lag_s = time.monotonic() - self._arrived
        self._setup.listener(Event(kind, live.number, live.recipe, live.report, note, lag_s))
