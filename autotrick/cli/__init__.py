"""The `autotrick` command. Each command parses, calls one function, and prints.

What is heavy (torch, ray) is imported by the commands that train; all others answer at once.
"""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from errno import EACCES, EDQUOT, EIO, EISDIR, ELOOP, ENAMETOOLONG, ENOSPC, ENOTDIR, EPERM, EROFS
from io import TextIOWrapper
from pathlib import Path
from typing import Any, TextIO, cast

import click

import autotrick
from autotrick.cli import (
    combining,
    exchanging,
    extending,
    finding,
    following,
    keeping,
    making,
    policies,
    previewing,
    reading,
    run,
    searching,
    submitting,
)
from autotrick.cli.output import data_notes
from autotrick.errors import AutotrickError, one_line
from autotrick.signals import ending
from autotrick.terminal import PrintableStream

_NO_FOLDER = "No usable temporary directory found in"
"""What Python's `tempfile` says."""

_PLACES = {EACCES, EDQUOT, EIO, EISDIR, ELOOP, ENAMETOOLONG, ENOTDIR, EPERM, EROFS}
"""What is wrong with a place, not with autotrick."""


class _Group(click.Group):
    """Print what a user can mend as one line, and leave every other exception its traceback."""

    def invoke(self, ctx: click.Context) -> Any:
        for stream in (sys.stdout, sys.stderr):
            stream = getattr(stream, "raw", stream)
            if isinstance(stream, TextIOWrapper):
                stream.reconfigure(errors="replace")  # a terminal may know few letters
        with ending() as asked:
            try:
                return super().invoke(ctx)
            except AutotrickError as error:
                raise click.ClickException(" ".join(str(error).split())) from error
            except (KeyboardInterrupt, click.Abort):
                if asked.signal is None:
                    raise
                click.echo("\nAborted!", err=True)
                ctx.exit(asked.status)

    def main(self, *args: Any, **extra: Any) -> Any:
        with _printable_output():
            return self._main(*args, **extra)

    def _main(self, *args: Any, **extra: Any) -> Any:
        try:
            Path.cwd()  # or torch and Ray fail in ways of their own
        except OSError as error:
            sys.exit(
                f"Error: the working folder cannot be used: {error.strerror}. Change to another folder."
            )
        try:
            return super().main(*args, **extra)
        except OSError as error:
            if (sentence := _sentence(error)) is None:
                raise
            click.echo(f"Error: {sentence}", err=True)
            _let_go_of_output()
            sys.exit(1)


def _sentence(error: OSError) -> str | None:
    """Return what any command may meet, in words; None for what is a fault of its own."""
    if error.errno == ENOSPC:
        return f"there is no space left{f' for {error.filename}' if error.filename else ''}."
    if _NO_FOLDER in str(error):
        tried = str(error).partition(_NO_FOLDER)[2].strip(" []").replace("'", "")
        return f"no folder for temporary files can be written to: {tried}. Set TMPDIR to one."
    if error.filename and error.errno in _PLACES:
        reason = one_line(f"{error.filename}: {error.strerror}")
        return f"{reason}. Choose another place, or change its permissions."
    return None


@contextmanager
def _printable_output() -> Iterator[None]:
    """Keep what records and files say from steering the terminal, whoever prints it."""
    streams = sys.stdout, sys.stderr
    sys.stdout, sys.stderr = (
        cast("TextIO", PrintableStream(stream)) if stream and not hasattr(stream, "raw") else stream
        for stream in streams
    )
    try:
        yield
    finally:
        sys.stdout, sys.stderr = streams
        _drop_what_nobody_reads()


def _drop_what_nobody_reads() -> None:
    """Drop output whose reader has gone, as `head` does: Python would complain of it as it ends."""
    for stream in filter(None, (sys.stdout, sys.stderr)):
        try:
            stream.flush()
        except BrokenPipeError:
            _discard(stream)
        except (OSError, ValueError):
            continue  # Python says what it is, or the stream is closed


def _let_go_of_output() -> None:
    """Drop what cannot be written: Python would try once more as it ends, and complain."""
    try:
        sys.stdout.flush()
    except OSError:
        _discard(sys.stdout)


def _discard(stream: TextIO) -> None:
    """Let a stream write to nowhere from now on."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


@click.group(cls=_Group, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(autotrick.__version__, message="autotrick %(version)s")
@click.pass_context
def main(ctx: click.Context) -> None:
    """Find the training tricks that help your images within your budget."""
    ctx.with_resource(data_notes())


for command in (
    searching.search,
    searching.resume,
    run.run,
    submitting.submit,
    following.follow,
    following.stop,
    finding.lr_find,
    reading.studies,
    reading.best,
    reading.trials,
    reading.tricks,
    reading.show,
    exchanging.export,
    exchanging.import_,
    extending.extend,
    keeping.rename,
    keeping.archive,
    keeping.unarchive,
    keeping.delete,
    combining.aspects,
    combining.ensemble,
    combining.teacher,
    policies.policy,
    previewing.preview,
    previewing.augment,
    making.report,
    making.reproduce,
    making.dashboard,
    making.catalogue,
    making.database,
):
    main.add_command(command)
