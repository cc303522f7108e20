"""`autotrick screen`."""

from pathlib import Path
from typing import Any

import click

from autotrick.cli.options import MOST, POSITIVE, resource_options
from autotrick.cli.search import search_or_show


@click.command()
@click.argument("space", type=click.Path(path_type=Path))
@click.option("--study", metavar="NAME", help="Name of the study.  [default: the space's]")
@click.option(
    "--trials",
    type=click.IntRange(1, MOST),
    help="Maximum number of trials, those of the base included.  [default: the space's]",
)
@click.option(
    "--precision",
    type=POSITIVE,
    metavar="POINTS",
    help="End when the 95 % interval of every trick is within this much of its effect.  [default: the "
    "space's]",
)
@click.option(
    "--dry-run",
    is_flag=True,
    help="Check everything and show the design and its precision, but run no trial.",
)
@resource_options
def screen(
    space: Path,
    study: str | None,
    trials: int | None,
    precision: float | None,
    dry_run: bool,
    **options: Any,
) -> None:
    """Tell the effects of the tricks in SPACE apart, without a search for the best.

    First a few trials choose a base: rate, batch size, network. Then a balanced design
    switches all tricks on and off around it, in whole trials of equal length, until the effects are as
    precise as asked. `autotrick tricks` shows them. An existing study of that name is continued.

    \b
    Example:
        autotrick screen quickstart --precision 1
    """
    changes = {"plan": ("base", "screen"), "precision": precision}
    search_or_show(space, study, trials, changes, dry_run=dry_run, options=options)
