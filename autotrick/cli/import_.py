"""`autotrick import`."""

from functools import partial
from pathlib import Path

import click

from autotrick.cli.options import database_option, renamed_option


@click.command("import")
@click.argument("source", metavar="FILE")
@click.option(
    "--study", metavar="NAME", help="Name of the study in this database.  [default: its old name]"
)
@click.option(
    "--space",
    type=click.Path(path_type=Path),
    help="Search space that says what the parameters of an Optuna or Ray Tune study mean.",
)
@click.option(
    "--source-study",
    "name",
    metavar="NAME",
    help="Study to import from an Optuna storage that holds several.",
)
@renamed_option("--name", to="--source-study", parameter="name")
@click.option(
    "--metric",
    help="Name under which Ray Tune trials reported their values, once per epoch.  [default: the "
    "metric that the space looks for]",
)
@database_option
def import_(
    source: str,
    study: str | None,
    space: Path | None,
    name: str | None,
    metric: str | None,
    url: str,
) -> None:
    """Import a study from FILE, which `autotrick export` wrote.

    FILE may also be the URL of an Optuna storage or the folder of a Ray Tune experiment. Both need
    --space: parameters are matched to the space's decisions by name, and accuracies must be in [0, 1].

    \b
    Example:
        autotrick import fashion.parquet --study fashion_of_last_year
        autotrick import sqlite:///optuna.db --space digits.toml --study digits_of_optuna
    """
    from autotrick.exchange import Meaning, bring
    from autotrick.records import open_database
    from autotrick.tune.resources import Resources
    from autotrick.views.text import counts_text

    meaning = (
        Meaning(space, name=name, metric=metric, resources=Resources().to_json()) if space else None
    )
    with open_database(url, late=True) as database:
        notice = partial(click.echo, err=True)
        row = bring(database, source, study=study, meaning=meaning, notice=notice)
    click.echo(f"{row.name}: {counts_text(row.counts)}. Next: autotrick best {row.name}")
