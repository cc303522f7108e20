"""`python -m benchmarks [NAME ...] [--json FILE] [--quick]`, or `claims` and names of claims."""

import json
import os
import platform
import sys
from collections.abc import Callable, Iterable
from dataclasses import asdict
from functools import partial
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from typing import cast

import click
from rich.console import Console
from rich.table import Table

from autotrick import machine
from autotrick.errors import DataError, unknown
from benchmarks.row import Row

NAMES = (
    "augmentation",
    "training",
    "costs",
    "overhead",
    "startup",
    "queries",
    "spending",
    "effects",
)
CLAIMS = "claims"
"Excluded from the default: it compares recipes, not speed, and writes a documentation page."
TRANSFER = "transfer"
"Excluded from the default, too: it compares starts, and writes the table of docs/pretrained.md."
OF_IMAGES = ("augmentation", "training", CLAIMS, TRANSFER)
_COLUMNS = ("benchmark", ">ours", ">theirs", ">ratio", "unit", ">goal", "met?", ">runs")


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("names", nargs=-1, metavar="[NAME ...]")
@click.option(
    "--json",
    "file",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write the rows as JSON to this file.",
)
@click.option("--quick", is_flag=True, help="Run fewer repetitions, for a quick look only.")
@click.option(
    "--data-dir",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("data"),
    show_default=True,
    help="Folder of CIFAR-10 (cifar10_train.parquet, or as torchvision unpacks it) or Fashion-MNIST.",
)
def main(names: tuple[str, ...], file: Path | None, quick: bool, data_dir: Path) -> None:
    """Run the named benchmarks, or all.

    The benchmarks are augmentation, training, costs, overhead, startup, queries, spending and
    effects (which also writes docs/truth.md). In addition, `claims` retests published claims (all, or those named after it) and writes
    docs/claims.md; `transfer` trains pretrained networks on few images and writes the table of
    docs/pretrained.md.

    Example: python -m benchmarks overhead --quick --json overhead.json
    """
    asked, claims = _sorted_out(names)
    machine = f"{_machine()}; {_load()} when it began"
    try:
        rows = [row for name in asked for row in _benchmark(name, data_dir, claims)(quick)]
    except DataError as error:
        click.echo(f"Error: {error}", err=True)
        sys.exit(1)
    if file:
        file.write_text(json.dumps([asdict(row) for row in rows], indent=1) + "\n")
    console = Console(highlight=False)
    wide = console if console.is_terminal else Console(highlight=False, width=140)
    wide.print(table(rows))
    wide.print(f"{machine}, {_load()} at the end", style="dim")


def _sorted_out(names: tuple[str, ...]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the benchmarks and the names given after `claims`; exit at an unknown name."""
    place = names.index(CLAIMS) + 1 if CLAIMS in names else len(names)
    asked, claims = names[:place], names[place:]
    _check("benchmark", asked, (*NAMES, CLAIMS, TRANSFER))
    if claims:
        _check("claim", claims, import_module("benchmarks.claims").CLAIMS)
    return asked or NAMES, claims


def _check(kind: str, given: Iterable[str], names: Iterable[str]) -> None:
    for name in given:
        if name not in names:
            click.echo(f"Error: {unknown(kind, name, names)}", err=True)
            sys.exit(2)


def _benchmark(name: str, data_dir: Path, claims: tuple[str, ...]) -> Callable[[bool], list[Row]]:
    run = cast(Callable[..., list[Row]], import_module(f"benchmarks.{name}").run)
    if name == CLAIMS:
        return partial(run, data_dir=data_dir, names=claims)
    return partial(run, data_dir=data_dir) if name in OF_IMAGES else run


def table(rows: Iterable[Row]) -> Table:
    """Return the rows as a text table."""
    shown = Table(title="Benchmarks", title_justify="left", header_style="bold")
    for column in _COLUMNS:
        right = column.startswith(">")
        shown.add_column(column.removeprefix(">"), justify="right" if right else "left")
    for row in rows:
        shown.add_row(*_cells(row))
    return shown


def _cells(row: Row) -> tuple[str, ...]:
    met = {None: "", True: "[green]yes[/]", False: "[red]no[/]"}[row.met]
    numbers = ("" if x is None else f"{x:,g}" for x in (row.ours, row.theirs, row.ratio))
    return (row.name, *numbers, row.unit, _goal(row), met, str(row.runs))


def _goal(row: Row) -> str:
    if row.goal is None:
        return ""
    sign = ">=" if row.unit.endswith("/s") else "<="
    return f"{sign} {row.goal:g}{'' if row.ratio is None else 'x'}"


def _machine() -> str:
    packages = ", ".join(f"{name} {version(name)}" for name in ("torch", "ray", "optuna"))
    return f"{machine.processors()} cores; Python {platform.python_version()}, {packages}"


def _load() -> str:
    return f"load {os.getloadavg()[0]:.1f}"


if __name__ == "__main__":
    main(prog_name="python -m benchmarks")
