"""Events of a study, read from its records, for people who watch from elsewhere."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from autotrick import records
from autotrick.recipe import EpochReport
from autotrick.records import FINAL_STATES, Database, StudyRow, TrialRow
from autotrick.tune.driver.events import Event
from autotrick.tune.sources.source import step_of


@dataclass
class Follower:
    """Reads what is new in a study since the last call.

    It skips trials that had ended when it began, and yields all epochs of the others.

    Attributes:
        last: Number of the newest trial that it knows.
    """

    database: Database
    study: str
    last: int
    _epochs: dict[int, int] = field(default_factory=dict)
    _attempts: dict[int, int] = field(default_factory=dict)
    _running: set[int] = field(default_factory=set)

    @classmethod
    def of(cls, database: Database, study: StudyRow) -> "Follower":
        """Follow a study from now on."""
        return cls(database, study.name, study.trials - 1)

    def news(self) -> Iterator[Event]:
        """Yield what has happened since, trial by trial."""
        rows = self._rows()
        fresh = [n for n, row in rows.items() if row.epochs > self._epochs.get(n, 0)]
        reports = records.reports(self.database, self.study, numbers=fresh) if fresh else {}
        for number, row in sorted(rows.items()):
            yield from self._events(row, reports.get(number, []))

    def _rows(self) -> dict[int, TrialRow]:
        """Return the trials that have not ended, or had not at the last call."""
        there = records.unfinished(self.database, self.study)
        there += records.trials(self.database, self.study, after=self.last)
        rows = {row.number: row for row in there}
        gone = self._epochs.keys() - rows.keys()
        if gone:
            ended = records.trials(self.database, self.study, numbers=sorted(gone))
            rows |= {row.number: row for row in ended}
        self.last = max([self.last, *rows])
        return rows

    def _events(self, row: TrialRow, reports: list[EpochReport]) -> Iterator[Event]:
        known, step = self._epochs.setdefault(row.number, 0), step_of(row.phase, row.design)
        if row.state == "running" and row.attempts > self._attempts.get(row.number, 0):
            yield Event("started", row.number, row.recipe, step=step)
            self._attempts[row.number] = row.attempts
            self._running.add(row.number)
        for report in reports:
            if report.epoch > known:
                yield Event("epoch", row.number, row.recipe, report, step=step)
        self._epochs[row.number] = max([known, *(report.epoch for report in reports)])
        # It may have run and paused between two calls.
        if row.state == "waiting" and (row.number in self._running or row.epochs > known):
            newest = reports[-1] if reports else self._newest(row)
            yield Event("paused", row.number, row.recipe, newest, step=step)
        if row.state != "running":
            self._running.discard(row.number)
        if row.state in FINAL_STATES:
            newest = reports[-1] if reports else self._newest(row)
            reason = row.reason or ""
            yield Event(row.state, row.number, row.recipe, newest, reason, step=step)
            del self._epochs[row.number]
            self._attempts.pop(row.number, None)

    def _newest(self, row: TrialRow) -> EpochReport | None:
        if not row.epochs:
            return None
        return records.reports(self.database, self.study, numbers=[row.number])[row.number][-1]
