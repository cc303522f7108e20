"""`autotrick reproduce`."""

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from autotrick.cli.options import (
    Number,
    data_dir_option,
    database_option,
    json_option,
    trial_argument,
)
from autotrick.cli.output import console, print_json

if TYPE_CHECKING:
    from autotrick.recipe import EpochReport
    from autotrick.reproduce import Reproduction


@click.command()
@click.argument("study")
@trial_argument
@click.option(
    "--tolerance",
    type=Number(min=0),
    help="Accept a value that differs by at most this, where another machine or other library "
    "versions explain it.",
)
@json_option
@data_dir_option
@database_option
@click.pass_context
def reproduce(  # noqa: PLR0913 -- click passes options one by one
    ctx: click.Context,
    /,
    study: str,
    trial: int,
    tolerance: float | None,
    data_dir: Path | None,
    as_json: bool,
    url: str,
) -> None:
    """Train TRIAL of STUDY again here, and compare the weights.

    The exit status is 0 if the weights are identical, or if a change of machine or libraries explains
    the difference and the values differ by at most --tolerance.

    \b
    Example:
        autotrick reproduce fashion_mnist_tricks 7
    """
    from autotrick.records import open_database
    from autotrick.reproduce import reproduce as train_again

    with open_database(url, create=False) as database:
        found = train_again(database, study, trial, data_dir=data_dir, on_epoch=_print_epoch)
    if as_json:
        print_json([{"study": study, **asdict(found)}])
    else:
        _print(found)
    if not (found.identical or _tolerable(found, tolerance)):
        ctx.exit(1)


def _print_epoch(recorded: "EpochReport", found: "EpochReport") -> None:
    from autotrick.views.text import measure

    metrics = ", ".join(measure(name, value) for name, value in found.metrics.items())
    same = "identical" if recorded.weights == found.weights else "DIFFERENT"
    console(stderr=True).print(
        f"epoch {found.epoch}: {metrics}, weights {found.weights} {same}",
        style="dim",
    )


def _tolerable(found: "Reproduction", tolerance: float | None) -> bool:
    near = tolerance is not None and abs(found.value - found.recorded_value) <= tolerance
    return found.explained and near


def _print(found: "Reproduction") -> None:
    from autotrick.tasks import metric_of
    from autotrick.views.text import measure

    verdict = "bit-identical" if found.identical else "NOT identical"
    click.echo(f"trial {found.trial}: {verdict}")
    click.echo(f"  weights  {found.weights}, recorded {found.recorded_weights}")
    value, recorded = (measure(found.metric, v) for v in (found.value, found.recorded_value))
    click.echo(f"  {metric_of(found.metric).title} {value}, recorded {recorded}")
    for difference in found.differences:
        click.echo(f"  {difference}")
