"""`autotrick ensemble`."""

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from autotrick.cli.options import (
    average_option,
    data_dir_option,
    database_option,
    json_option,
    named_code_option,
)
from autotrick.cli.output import console, print_json
from autotrick.cli.tables import print_rows
from autotrick.views import text
from autotrick.views.table import Column

if TYPE_CHECKING:
    from autotrick.ensemble import Member
    from autotrick.train.average import Average


@click.command()
@click.argument("study")
@click.option(
    "--top",
    type=click.IntRange(min=2),
    default=5,
    show_default=True,
    help="Number of trials to average.",
)
@average_option
@click.option("--retrain", is_flag=True, help="Train trials again whose checkpoint is gone.")
@json_option
@data_dir_option
@named_code_option
@database_option
def ensemble(  # noqa: PLR0913 -- click passes options one by one
    study: str,
    top: int,
    average: "Average",
    retrain: bool,
    data_dir: Path | None,
    as_json: bool,
    url: str,
) -> None:
    """Average the predictions of the best trials of STUDY.

    The table shows what this gains and what it costs, on the validation images.

    \b
    Example:
        autotrick ensemble fashion_mnist_tricks --top 3
    """
    from autotrick.cli.expected_database import expect_database

    expect_database(url, "PyTorch")
    from autotrick.ensemble import ensemble as combine
    from autotrick.records import open_database

    progress = console(stderr=True)
    with open_database(url, create=False) as database:
        found = combine(
            database,
            study,
            top=top,
            average=average,
            retrain=retrain,
            data_dir=data_dir,
            on_trial=lambda number: progress.print(f"trial {number}", style="dim"),
        )
    if as_json:
        print_json([{"study": study, **asdict(found)}])
        return
    title = f"Averaged {average} of the best {top} trials of {study}"
    print_rows(title, _columns(), [*found.members, found.together])
    click.echo(
        f"Compared with the best trial, the ensemble gains {100 * found.gain:+.2f} points (standard "
        f"error {100 * found.error:.2f}) on the {found.images:,} validation images that chose the trials."
    )


def _columns() -> "tuple[Column[Member], ...]":
    return (
        Column(
            "Network", lambda row: "all together" if row.trial is None else f"trial {row.trial}"
        ),
        Column("Accuracy", lambda row: row.accuracy, text.metric_text, numeric=True),
        Column("Weights", lambda row: row.parameters, text.number, numeric=True),
        Column("ms per image", lambda row: f"{row.milliseconds:.3f}", numeric=True),
    )
