"""Commands that make something: a report, a repetition, a page, a list of what there is."""

from pathlib import Path
from typing import Any

import click

from autotrick.cli.options import (
    Number,
    data_dir_option,
    database_option,
    json_option,
    trial_argument,
)


@click.command()
@click.argument("study")
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    help="HTML file to write.  [default: STUDY.html]",
)
@data_dir_option
@database_option
def report(study: str, output: Path | None, data_dir: Path | None, url: str) -> None:
    """Write a report on STUDY: one HTML file that needs nothing else.

    \b
    Example:
        autotrick report fashion_mnist_tricks -o fashion.html
    """
    from autotrick.cli.reporting import write_report

    path = write_report(study, output or Path(f"{study}.html"), data_dir, url)
    click.echo(f"Report: {path}")


@click.command()
@click.argument("study")
@trial_argument
@click.option(
    "--tolerance",
    type=Number(min=0),
    help="Accept another accuracy, by at most this, where the machine or libraries explain it.",
)
@json_option
@data_dir_option
@database_option
@click.pass_context
def reproduce(ctx: click.Context, /, study: str, trial: int, **how: Any) -> None:
    """Run TRIAL of STUDY again here and compare it, bit for bit.

    Exits with 0 if the weights are identical, or if what changed since explains the difference and
    the accuracies are within --tolerance.

    \b
    Example:
        autotrick reproduce fashion_mnist_tricks 7
    """
    from autotrick.cli.repeating import reproduce_and_show

    if not reproduce_and_show(study, trial, how):
        ctx.exit(1)


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=8050, show_default=True, type=click.IntRange(0, 65535))
@click.option(
    "--allow-host",
    "allowed_hosts",
    metavar="NAME",
    multiple=True,
    help="Answer under this name too, such as a proxy's; may be repeated.",
)
@database_option
def dashboard(host: str, port: int, allowed_hosts: tuple[str, ...], url: str) -> None:
    """Serve pages that show studies while they run. There is no login.

    \b
    Example:
        autotrick dashboard --port 8050
    """
    from autotrick.cli.reporting import serve_dashboard

    serve_dashboard(url, host, port, allowed_hosts)


@click.command()
@click.argument("name", required=False)
@click.option("--schema", is_flag=True, help="JSON Schema of search spaces, for editors.")
@json_option
def catalogue(name: str | None, schema: bool, as_json: bool) -> None:
    """Show the tricks, architectures, data sets and policies there are, or one of them.

    \b
    Example:
        autotrick catalogue mixup
    """
    from autotrick.cli.catalogue import show_all, show_one, show_schema

    if schema:
        show_schema()
    elif name:
        show_one(name, as_json=as_json)
    else:
        show_all(as_json=as_json)


@click.group()
def database() -> None:
    """Look after the results database.

    \b
    Example:
        autotrick database upgrade
    """


@database.command()
@database_option
def upgrade(url: str) -> None:
    """Bring the database to this autotrick's schema; its data stay.

    \b
    Example:
        autotrick database upgrade --database sqlite:///autotrick.db
    """
    from autotrick.records import upgrade_database

    before, after = upgrade_database(url)
    click.echo(f"schema {before} -> {after}" if before != after else f"schema {after}: up to date")
