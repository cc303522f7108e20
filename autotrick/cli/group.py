"""The group behind `autotrick`: finds commands by name, and turns errors into one line."""

import keyword
import sys
from collections.abc import Iterator, MutableMapping, Sequence
from errno import EACCES, EDQUOT, EIO, EISDIR, ELOOP, ENAMETOOLONG, ENOSPC, ENOTDIR, EPERM, EROFS
from importlib import import_module
from pathlib import Path
from typing import Any

import click

from autotrick.cli.streams import (
    drop_unwritable_output,
    printable_output,
    replace_unknown_letters,
)
from autotrick.errors import AutotrickError, one_line
from autotrick.signals import ending

_NO_FOLDER = "No usable temporary directory found in"
"""What Python's `tempfile` says."""

_PATH_ERRORS = {EACCES, EDQUOT, EIO, EISDIR, ELOOP, ENAMETOOLONG, ENOTDIR, EPERM, EROFS}
"""Errors that are about a path, not about autotrick."""


class LazyCommands(MutableMapping[str, click.Command]):
    """Commands by name; each file is imported when its command is first asked for.

    The command `lr-find` is the function `lr_find` of `autotrick/cli/lr_find.py`; `import`, a
    keyword of Python, is `import_` of `import_.py`.
    """

    def __init__(self, names: Sequence[str]) -> None:
        self._commands: dict[str, click.Command | None] = dict.fromkeys(names)

    def __getitem__(self, name: str) -> click.Command:
        command = self._commands[name]
        if command is None:
            attribute = name.replace("-", "_") + "_" * keyword.iskeyword(name)
            module = import_module(f"autotrick.cli.{attribute}")
            command = self._commands[name] = getattr(module, attribute)
        return command

    def __setitem__(self, name: str, command: click.Command) -> None:
        self._commands[name] = command

    def __delitem__(self, name: str) -> None:
        del self._commands[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._commands)

    def __len__(self) -> int:
        return len(self._commands)


class Group(click.Group):
    """A group of commands whose expected errors are one line; all others keep their traceback."""

    def invoke(self, ctx: click.Context) -> Any:
        replace_unknown_letters()
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
        with printable_output():
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
            drop_unwritable_output()
            sys.exit(1)


def _sentence(error: OSError) -> str | None:
    """Return an error that any command may meet as a sentence; None if it is a fault of autotrick."""
    if error.errno == ENOSPC:
        return f"there is no space left{f' for {error.filename}' if error.filename else ''}."
    if _NO_FOLDER in str(error):
        tried = str(error).partition(_NO_FOLDER)[2].strip(" []").replace("'", "")
        return f"no folder for temporary files can be written to: {tried}. Set TMPDIR to one."
    if error.filename and error.errno in _PATH_ERRORS:
        reason = one_line(f"{error.filename}: {error.strerror}")
        return f"{reason}. Choose another place, or change its permissions."
    return None
