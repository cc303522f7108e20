"""The `autotrick` command. Each command parses, calls one function, and prints.

What is heavy (torch, ray) is imported by the commands that train; all others answer at once.
"""

import os
import sys
from errno import EACCES, EDQUOT, EIO, EISDIR, ELOOP, ENAMETOOLONG, ENOSPC, ENOTDIR, EPERM, EROFS
from io import TextIOWrapper
from typing import Any

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
    searching,
    submitting,
)
from autotrick.errors import AutotrickError, one_line

_PLACES = {EACCES, EDQUOT, EIO, EISDIR, ELOOP, ENAMETOOLONG, ENOTDIR, EPERM, EROFS}
"""What is wrong with a place, not with autotrick."""


class _Group(click.Group):
    """Print what a user can mend as one line, and leave every other exception its traceback."""

    def invoke(self, ctx: click.Context) -> Any:
        for stream in (sys.stdout, sys.stderr):
            if isinstance(stream, TextIOWrapper):
                stream.reconfigure(errors="replace")  # a terminal may know few letters
        try:
            return super().invoke(ctx)
        except AutotrickError as error:
            raise click.ClickException(" ".join(str(error).split())) from error

    def main(self, *args: Any, **extra: Any) -> Any:
        try:
            return super().main(*args, **extra)
        except OSError as error:
            if error.errno != ENOSPC and not (error.filename and error.errno in _PLACES):
                raise
            where = f" for {error.filename}" if error.filename else ""
            said = f"there is no space left{where}."
            if error.errno != ENOSPC:
                reason = one_line(f"{error.filename}: {error.strerror}")
                said = f"{reason}. Choose another place, or change its permissions."
            click.echo(f"Error: {said}", err=True)
            _let_go_of_output()
            sys.exit(1)


def _let_go_of_output() -> None:
    """Drop what cannot be written: Python would try once more as it ends, and complain."""
    try:
        sys.stdout.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


@click.group(cls=_Group, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(autotrick.__version__, message="autotrick %(version)s")
def main() -> None:
    """Find the training tricks that help your images within your budget."""


for command in (
    searching.search,
    searching.resume,
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
