"""How commands print: text for people, one JSON object per line for programs."""

from __future__ import annotations

import json
import logging
import math
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING, Any, cast

import click
from rich.console import Console, ConsoleOptions, RenderableType
from rich.segment import Segment
from rich.text import Text

from autotrick.terminal import without_controls

if TYPE_CHECKING:
    from autotrick.views.study import StudyView
    from autotrick.views.trial import TrialDetail, TrialView


class _PrintableConsole(Console):
    """A console that removes control characters from text, but keeps its own styles and cursor moves."""

    @property
    def file(self) -> IO[str]:
        """The stream behind the one that would remove its styles."""
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
                yield Segment(without_controls(segment.text), segment.style)


def console(*, stderr: bool = False) -> Console:
    """Return a console as wide as the terminal, or 120 columns wide without one.

    Text is printed as it is: names and messages may look like rich's markup.
    """
    plain: dict[str, Any] = {"stderr": stderr, "highlight": False, "markup": False, "emoji": False}
    made = _PrintableConsole(**plain)
    return made if made.is_terminal else _PrintableConsole(**plain, width=120)


def announce(sentence: str) -> None:
    """Say what takes its time before the first result, to whoever waits at a terminal.

    Call it before anything heavy is imported. A log is not waited for, and stays without it.
    """
    if sys.stderr.isatty():
        click.secho(f"{sentence} ...", err=True, dim=True)


@contextmanager
def data_notes() -> Iterator[None]:
    """Print the notes of `autotrick.data` on stderr, each line once."""
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
    """Return a line that begins in bold."""
    return Text.assemble((head, "bold"), rest)


def print_json(values: Iterable[Mapping[str, Any]]) -> None:
    """Print one JSON object per line; NaN and infinities, which JSON lacks, become null."""
    for value in values:
        # json.dumps does not escape DEL.
        click.echo(json.dumps(_finite(value), allow_nan=False).replace("\x7f", "\\u007f"))


def print_views(views: Iterable[StudyView | TrialView | TrialDetail]) -> None:
    """Print views as JSON, with the deprecated names of their keys beside the present ones."""
    print_json(view.deprecated_json() | view.to_json() for view in views)


def _finite(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _finite(entry) for key, entry in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(entry) for entry in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
