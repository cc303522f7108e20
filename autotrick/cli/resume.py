"""`autotrick resume`."""

from typing import Any

import click

from autotrick.cli.options import RunOptions, resource_options


@click.command()
@click.argument("study")
@resource_options
@click.pass_context
def resume(ctx: click.Context, /, study: str, **options: Any) -> None:
    """Continue STUDY after a kill, a time budget or Ctrl-C. No trial runs twice.

    Options that you do not give are those of the original search. Signals stop it as they stop a search.

    \b
    Example:
        autotrick resume fashion_mnist_tricks
    """
    from autotrick.cli.expected_database import expect_database

    expect_database(options["url"], "PyTorch and Ray")
    from autotrick.cli.search_session import run_resume

    named = {
        name
        for name in options
        if ctx.get_parameter_source(name) is not click.core.ParameterSource.DEFAULT
    }
    run_resume(study, RunOptions(**options), named)
