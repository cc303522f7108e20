"""`autotrick dashboard`."""

import importlib
import importlib.util
from contextlib import suppress
from typing import Any

import click

from autotrick.cli.options import database_option
from autotrick.cli.output import console


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--port",
    default=8050,
    show_default=True,
    type=click.IntRange(0, 65535),
    help="Port to listen on; 0 takes a free one.",
)
@click.option(
    "--allow-host",
    "allowed_hosts",
    metavar="NAME",
    multiple=True,
    help="Also answer requests for this host name, such as a proxy's. May be repeated.",
)
@database_option
def dashboard(host: str, port: int, allowed_hosts: tuple[str, ...], url: str) -> None:
    """Serve web pages that show studies while they run. There is no login.

    \b
    Example:
        autotrick dashboard --port 8050
    """
    shown = console(stderr=True)

    def started(where: str) -> None:
        shown.print(f"Dashboard: {where}")
        if _pages("guard").is_public(host):
            shown.print(
                "There is no login: anybody who can connect to this machine can read all studies.",
                style="yellow",
            )

    with suppress(KeyboardInterrupt):
        _pages("app").run(url, host, port, allowed_hosts=allowed_hosts, started=started)


def _pages(module: str) -> Any:
    """Return a module of the dashboards, which a wheel has inside this package and a checkout beside it."""
    inside = importlib.util.find_spec("autotrick.dashboards") is not None
    return importlib.import_module(
        f"autotrick.dashboards.{module}" if inside else f"dashboards.{module}"
    )
