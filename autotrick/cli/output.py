"""How commands print: tables for people, one JSON object a line for programs."""

from __future__ import annotations

import json
import logging
import math
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING, Any, cast

import click
from rich.console import Console, ConsoleOptions, RenderableType
from rich.segment import Segment
from rich.text import Text

from autotrick.measures import metric_like, worded
from autotrick.tasks import Metric
from autotrick.terminal import printable

if TYPE_CHECKING:
    from autotrick.recipe import Recipe
    from autotrick.records.rows import StudyRow, TrialRow


class _PrintableConsole(Console):
    """A console whose text cannot steer the terminal; its own styles and cursor movements can."""

    @property
    def file(self) -> IO[str]:
        """Where it writes: past the stream that would take its styles away."""
        return cast("IO[str]", getattr(super().file, "raw", super().file))

    @file.setter
    def file(self, new: IO[str]) -> None:
        self._file = new

    def render(
        self, renderable: RenderableType, options: ConsoleOptions | None = None
    ) -> Iterable[Segment]:
        for segment in super().render(renderable, options):
            if segment.control:
                yield segment
            else:
                yield Segment(printable(segment.text), segment.style)


def console(*, stderr: bool = False) -> Console:
    """Return a console as wide as the terminal, or 120 columns where there is none.

    Text is printed as it is: names and messages may hold what rich would take for its markup.
    """
    plain: dict[str, Any] = {"stderr": stderr, "highlight": False, "markup": False, "emoji": False}
    made = _PrintableConsole(**plain)
    return made if made.is_terminal else _PrintableConsole(**plain, width=120)


@contextmanager
def data_notes() -> Iterator[None]:
    """Show on stderr what `autotrick.data` says of data sets: each line once."""
    log = logging.getLogger("autotrick.data")
    handler = _Notes()
    log.addHandler(handler)
    log.propagate = False
    try:
        yield
    finally:
        log.removeHandler(handler)
        log.propagate = True


class _Notes(logging.Handler):
    def __init__(self) -> None:
        super().__init__()
        self._shown: set[str] = set()

    def emit(self, record: logging.LogRecord) -> None:
        line = record.getMessage()
        if line not in self._shown:
            self._shown.add(line)
            click.secho(line, err=True, fg="yellow")


def headed(head: str, rest: str = "") -> Text:
    """Return a line whose beginning is bold."""
    return Text.assemble((head, "bold"), rest)


def print_json(values: Iterable[Mapping[str, Any]]) -> None:
    """Print one JSON object a line; NaN and infinities, which JSON has not, as null."""
    for value in values:
        # JSON leaves DEL as it is.
        click.echo(json.dumps(_finite(value), allow_nan=False).replace("\x7f", "\\u007f"))


def _finite(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _finite(entry) for key, entry in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(entry) for entry in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def trial_json(row: TrialRow) -> dict[str, Any]:
    """Return a trial as the reading commands print it."""
    return {
        "study": row.study,
        "trial": row.number,
        "state": row.state,
        "digest": row.digest,
        "metric": row.metric,
        "value": row.value,
        "epochs": row.epochs,
        "seconds": round(row.seconds, 3),
        "attempts": row.attempts,
        "parameters": row.parameters,
        "weights": row.weights,
        "reason": row.reason,
        "origin": row.origin,
        "recipe": row.recipe.model_dump(mode="json"),
        "lr": row.lr,
        "accumulation": row.recipe.accumulation,
        "measures": row.measures,
        "score": row.score,
    }


def trial_columns(metric: Metric) -> tuple[str, ...]:
    """Return the columns of a table of trials, whose values are of a metric."""
    first = (">trial", "state", f">{metric.title}", ">epochs", ">time", "architecture")
    return (*first, ">batch", ">lr", "tricks")


def trial_cells(row: TrialRow) -> tuple[str, ...]:
    """Return a trial as a table shows it."""
    recipe = row.recipe
    return (
        str(row.number),
        row.state + (f" ({row.reason})" if row.reason else ""),
        row.value_metric.shown(row.value),
        f"{row.epochs}/{recipe.epochs}",
        duration(row.seconds),
        recipe.architecture,
        batch(recipe),
        "-" if row.lr is None else f"{row.lr:.3g}",
        tricks_text(recipe),
    )


def batch(recipe: Recipe) -> str:
    """Return the batch size, and how many batches an update sums up if more than one: `64 x 4`."""
    size, times = recipe.batch_size, recipe.accumulation
    return str(size) if times == 1 else f"{size} x {times}"


def tricks_text(recipe: Recipe) -> str:
    """Return the tricks that are on, each with its numbers: `mixup(0.2)`."""
    named = (_trick_text(name, settings) for name, settings in recipe.tricks.items())
    return ", ".join(named) or "no tricks"


def _trick_text(name: str, settings: Mapping[str, Any]) -> str:
    shown = [
        f"{value:.3g}" if isinstance(value, float) else str(value)
        for value in settings.values()
        if isinstance(value, int | float | str)
    ]
    return f"{name}({', '.join(shown)})" if shown else name


def measure_text(name: str, value: float | None) -> str:
    """Return a measure of `autotrick.measures` as people read it."""
    if value is None:
        return "-"
    if (metric := metric_like(name)) is not None:
        return metric.shown(value)
    if name == "seconds":
        return duration(value)
    if name == "memory":
        return worded(name, value)
    return f"{value:,.0f}" if name in ("parameters", "multiply_adds") else f"{value:.4g}"


def points(value: float | None) -> str:
    """Return a difference as people read the metric, with its sign and without its unit."""
    return "-" if value is None else f"{value:+.2f}"


def duration(seconds: float) -> str:
    """Return 3725 as 1h02m."""
    if round(seconds, 1) < 60:
        return f"{seconds:.1f}s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes}m{rest:02d}s"
    return f"{minutes // 60}h{minutes % 60:02d}m"


def counts_text(study: StudyRow) -> str:
    """Return `30 complete, 9 pruned, 1 failed`."""
    return ", ".join(f"{n} {state}" for state, n in study.counts.items() if n) or "no trials"
