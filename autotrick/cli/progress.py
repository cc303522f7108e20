"""Progress of a search: a live table in a terminal, or one line for each trial that ends."""

import time
from collections import Counter
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager

from rich.console import Group
from rich.live import Live
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from autotrick.cli.output import console
from autotrick.cli.population_progress import PopulationProgress
from autotrick.records import FINAL_STATES, StudyRow
from autotrick.space.recorded import recorded_pruning
from autotrick.tasks import ACCURACY, Metric
from autotrick.tune.driver.events import Event
from autotrick.views.text import duration, metric_text, tricks_with_settings

_CURVE = 20
"""Maximum number of epochs in a curve."""
_BESIDE = 44
"""Columns of a line that everything but the curve needs."""
_AROUND = 8
"""Maximum number of lines around the running trials: a terminal shows only the upper lines."""


class Watch:
    """Follows the events of one search.

    Attributes:
        total: Number of trials that the study will have.
        done: Number of trials that have ended, those of earlier drivers included.
        opening: A line to print before the first event.
    """

    def __init__(
        self,
        total: int,
        done: int,
        best: float | None,
        *,
        live: bool,
        members: int = 0,
        metric: Metric = ACCURACY,
    ) -> None:
        """Begin to watch.

        Args:
            best: The best value so far; None if no trial is complete.
            live: Whether to draw a live table instead of printing lines.
            members: Size of the population; 0 without a population.
            metric: That the study looks for.
        """
        self.total = total
        self.done = done
        self._metric = metric
        self._population = PopulationProgress(members, metric) if members else None
        self.opening = ""
        self._best = best
        self._best_trial: int | None = None
        self._running: dict[int, Event] = {}
        self._paused: dict[int, int] = {}
        self._cut: Counter[int] = Counter()
        self._curves: dict[int, list[float]] = {}
        self._step = ""
        self._started_at = time.monotonic()
        self._at_start = done
        self._console = console(stderr=True)
        self._live = Live(console=self._console, refresh_per_second=4) if live else None
        self._bar = Progress(
            TextColumn("trials"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            console=self._console,
        )
        self._task = self._bar.add_task("trials", total=total, completed=done)

    def __call__(self, event: Event) -> None:
        """Show an event."""
        if self.opening:
            self._console.print(self.opening, soft_wrap=True)
            self.opening = ""
        self._step = event.step or self._step
        if event.report:
            curve = self._curves.setdefault(event.number, [])
            curve[event.report.epoch - 1 :] = [event.report.metrics[self._metric.name]]
            if self._population:
                self._population.note(event)
        if event.kind in FINAL_STATES:
            self._ended(event)
        elif event.kind == "paused":
            self._paused_at(event)
        elif event.kind in ("lost", "behind"):
            self._console.print(f"trial {event.number}: {event.note}", style="yellow")
        else:
            self._paused.pop(event.number, None)
            self._running[event.number] = event
        if self._live:
            self._live.update(self._picture())

    def _paused_at(self, event: Event) -> None:
        self._running.pop(event.number, None)
        self._paused[event.number] = _epoch(event)
        if self._population is None:
            self._line(event)
        elif said := self._population.pause(event):
            self._console.print(f"[{self._tried}/{self.total}] {said}", soft_wrap=True)

    def _ended(self, event: Event) -> None:
        self._running.pop(event.number, None)
        self._curves.pop(event.number, None)
        self.done += 1
        self._note_best(event)
        if self._paused.pop(event.number, None) is None:
            self._line(event)
        if event.kind == "pruned":
            self._cut[_epoch(event)] += 1

    def note(self, sentence: str) -> None:
        """Show a sentence about the whole study."""
        self._console.print(sentence, style="yellow", soft_wrap=True)

    def _note_best(self, event: Event) -> None:
        value = event.report.metrics[self._metric.name] if event.report else None
        if event.kind == "complete" and value is not None and self._is_better(value):
            self._best, self._best_trial = value, event.number

    def _is_better(self, value: float) -> bool:
        """Return whether a value is better than that of every complete trial."""
        return self._best is None or self._metric.worth(value) > self._metric.worth(self._best)

    def _text(self, value: float | None) -> str:
        return "-" if value is None else metric_text(value, self._metric)

    def _line(self, event: Event) -> None:
        known = event.report.metrics[self._metric.name] if event.report else None
        value = self._text(known)
        epochs = f"{_epoch(event)}/{event.recipe.epochs}"
        style = {"failed": "red", "pruned": "dim", "paused": "dim"}.get(event.kind, "")
        best = " *best*" if event.number == self._best_trial else ""
        why = f" ({event.note})" if event.note else ""
        step = f" {event.step}:" if event.step else ""
        self._console.print(
            f"[{self._tried}/{self.total}]{step} trial {event.number} {event.kind}{why} {value}{best} "
            f"epochs {epochs}, {event.recipe.architecture}, {tricks_with_settings(event.recipe)}",
            style=style,
            soft_wrap=True,
        )

    def _picture(self) -> Group:
        self._bar.update(self._task, completed=self._tried)
        whose = "" if self._best_trial is None else f" (trial {self._best_trial})"
        step = f" {self._step}," if self._step else ""
        status = Text(f"{step} best {self._text(self._best)}{whose}, {self._time_left()}")
        return Group(self._table(), *self._ahead(), *self._rungs(), status, self._bar)

    def _table(self) -> Table:
        table = Table(box=None, padding=(0, 1), header_style="dim")
        for column in ("running", "epoch", self._metric.title, "curve"):
            table.add_column(column, no_wrap=True)
        for column in ("architecture", "tricks"):
            table.add_column(column)  # these give way where the terminal is narrow
        shown = max(1, self._console.height - _AROUND)
        for number, event in sorted(self._running.items())[:shown]:
            curve = self._curves.get(number, [])
            table.add_row(
                str(number),
                f"{len(curve)}/{event.recipe.epochs}",
                self._text(curve[-1] if curve else None),
                sparkline(curve, min(_CURVE, max(4, self._console.width - _BESIDE))),
                _short(event.recipe.architecture),
                _short(tricks_with_settings(event.recipe)),
            )
        if len(self._running) > shown:
            table.add_row(f"+ {len(self._running) - shown}")
        return table

    def _ahead(self) -> list[Text]:
        """Return the unfinished trial that is better than all complete ones, if there is one."""
        newest = {number: curve[-1] for number, curve in self._curves.items() if curve}
        trial = max(newest, key=lambda n: self._metric.worth(newest[n]), default=None)
        if trial is None or not self._is_better(newest[trial]):
            return []
        epoch = len(self._curves[trial])
        return [Text(f" ahead  trial {trial} with {self._text(newest[trial])} after epoch {epoch}")]

    def _rungs(self) -> list[Text]:
        """Return how many trials were paused or stopped at each rung."""
        if self._population:
            return [Text(f" population  {self._population.standing()}", style="dim")]
        waiting = Counter(self._paused.values())
        epochs = sorted(waiting.keys() | self._cut.keys())
        parts = [f"epoch {n}: {waiting[n]} paused, {self._cut[n]} cut" for n in epochs]
        return [Text(f" rungs  {'; '.join(parts)}", style="dim")] if parts else []

    def _time_left(self) -> str:
        if self._population:
            return self._population.time_left(time.monotonic() - self._started_at)
        tried = self._tried - self._at_start
        if tried <= 0:
            return "no estimate yet"
        each = (time.monotonic() - self._started_at) / tried
        pace = f"{3600 / each:.3g} trials/h"
        if self._tried >= self.total:
            return f"{pace}, the last ones are running" if self._running else pace
        return f"{pace}, about {duration(each * (self.total - self._tried))} left"

    @property
    def _tried(self) -> int:
        """Number of trials that have ended or are paused: only the best paused ones continue."""
        if self._population:
            return self.done + self._population.replaced
        return self.done + len(self._paused)

    def __enter__(self) -> "Watch":
        if self._live:
            self._live.start()
            self._live.update(Group(Text(" waiting for the first trial"), self._bar))
        return self

    def __exit__(self, *error: object) -> None:
        if self._live:
            self._live.update(self._bar)
            self._live.stop()


def _epoch(event: Event) -> int:
    return event.report.epoch if event.report else 0


def _short(text: str) -> Text:
    """Return text that stays on one line and is cut with an ellipsis."""
    return Text(text, no_wrap=True, overflow="ellipsis")


def sparkline(values: list[float], last: int = _CURVE) -> str:
    """Return the last values as a line of block characters, scaled from their lowest to their highest."""
    shown = values[-last:]
    if not shown:
        return ""
    low, high = min(shown), max(shown)
    blocks = "▁▂▃▄▅▆▇█"
    span = (high - low) or 1.0
    return "".join(blocks[round((value - low) / span * (len(blocks) - 1))] for value in shown)


@contextmanager
def watching(
    total: int, done: int, best: float | None, *, members: int = 0, metric: Metric = ACCURACY
) -> Iterator[Watch]:
    """Show a search while it runs; as a live table only in a terminal."""
    live = console(stderr=True).is_terminal
    with Watch(total, done, best, live=live, members=members, metric=metric) as watch:
        yield watch


def watching_study(row: StudyRow) -> AbstractContextManager[Watch]:
    """Show the search of a recorded study while it runs."""
    total = row.settings.trials
    pruning = recorded_pruning(row.space)
    members = pruning.members(total) if pruning else 0
    return watching(total, ended_trials(row), row.best, members=members, metric=row.value_metric)


def ended_trials(study: StudyRow | None) -> int:
    """Return the number of trials that have ended; 0 without a study."""
    return sum(study.counts[state] for state in FINAL_STATES) if study else 0
