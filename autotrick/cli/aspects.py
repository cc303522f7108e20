"""`autotrick aspects`."""

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from autotrick.cli.options import data_dir_option, database_option, json_option
from autotrick.cli.output import print_json
from autotrick.cli.tables import print_rows
from autotrick.views import text
from autotrick.views.table import Column

if TYPE_CHECKING:
    from autotrick.aspect_ratio import Stratum


@click.command()
@click.argument("study")
@click.argument("trial", type=click.IntRange(min=0))
@click.option("--retrain", is_flag=True, help="Train the trial again if its checkpoint is gone.")
@json_option
@data_dir_option
@database_option
def aspects(
    study: str, trial: int, retrain: bool, data_dir: Path | None, as_json: bool, url: str
) -> None:
    """Show the accuracy of TRIAL by the images' aspect ratio.

    This works for studies on image folders.

    \b
    Example:
        autotrick aspects photos 7
    """
    from autotrick.aspect_ratio import accuracy_by_aspect
    from autotrick.records import open_database

    with open_database(url, create=False) as database:
        found = accuracy_by_aspect(database, study, trial, retrain=retrain, data_dir=data_dir)
    if as_json:
        print_json({"study": study, "trial": trial, **asdict(one)} for one in found)
    else:
        print_rows(
            f"Trial {trial} of {study}, by the aspect ratio of the images", _columns(), found
        )


def _columns() -> "tuple[Column[Stratum], ...]":
    return (
        Column(
            "Longer side / shorter side",
            lambda row: f"{row.low:g} to {row.high:g}" if row.high else f"above {row.low:g}",
        ),
        Column("Images", lambda row: row.images, text.number, numeric=True),
        Column("Accuracy", lambda row: row.accuracy, text.metric_text, numeric=True),
        Column(
            "Standard error (points)",
            lambda row: text.DASH if row.error is None else f"{100 * row.error:.2f}",
            numeric=True,
        ),
    )
