"""The `autotrick` command: one file for each command, named as the command.

Each command parses its options, calls one function, and prints. Commands are imported when they are
asked for, and import what is heavy (torch, ray) inside: help and reading commands answer at once.

`options`, `output`, `tables` and `progress` hold what commands share. A file named after what it
makes (`trial_detail`, `search_session`) holds the work of a command whose imports are heavy.
"""

import click

import autotrick
from autotrick.cli.group import Group, LazyCommands
from autotrick.cli.output import data_notes

COMMANDS = (
    *("init", "search", "screen", "resume", "run", "submit", "follow", "stop", "lr-find"),
    *("ablate", "compare", "confirm", "ladder", "transfer"),
    *("studies", "best", "trials", "tricks", "table", "show"),
    *("export-model", "bundle"),
    *("export", "import", "extend", "rename", "archive", "unarchive", "delete"),
    *("predict", "evaluate", "aspects", "ensemble", "teacher", "policy", "preview", "augment"),
    *("report", "reproduce", "dashboard", "catalogue", "database"),
)


@click.group(
    cls=Group,
    commands=LazyCommands(COMMANDS),
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.version_option(autotrick.__version__, message="autotrick %(version)s")
@click.pass_context
def main(ctx: click.Context) -> None:
    """Find the training tricks that help your images within your budget."""
    ctx.with_resource(data_notes())
