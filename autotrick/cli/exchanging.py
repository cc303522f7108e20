"""Commands that take a study out of the database, and bring one in."""

from functools import partial
from pathlib import Path
from typing import Any

import click

from autotrick.cli.options import database_option


@click.command()
@click.argument("study")
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    help="A .parquet or .jsonl file, which `import` reads; or .csv, for spreadsheets.",
)
@click.option("--optuna", metavar="URL", help="An Optuna storage: sqlite:///optuna.db.")
@database_option
def export(study: str, output: Path | None, optuna: str | None, url: str) -> None:
    """Write STUDY with its trials and epochs to a file, or to an Optuna storage.

    \b
    Example:
        autotrick export fashion_mnist_tricks -o fashion.parquet
        autotrick export fashion_mnist_tricks --optuna sqlite:///optuna.db
    """
    from autotrick.cli.versions import reading
    from autotrick.exchange import export_to_optuna, write
    from autotrick.redaction import redacted_url

    if (output is None) == (optuna is None):
        raise click.UsageError("Give either --output or --optuna.")
    with reading(url, study) as database:
        if output is not None:
            click.echo(f"{write(database, study, output):,} trials: {output}")
        if optuna is not None:
            click.echo(
                f"{export_to_optuna(database, study, optuna):,} trials: {redacted_url(optuna)}"
            )


@click.command("import")
@click.argument("source", metavar="FILE")
@click.option("--study", metavar="NAME", help="Name of the study here.  [default: as it was]")
@click.option(
    "--space",
    type=click.Path(path_type=Path),
    help="The space that says what the parameters of an Optuna or Ray Tune study mean.",
)
@click.option("--name", help="Of the study in an Optuna storage that has several.")
@click.option(
    "--metric",
    default="accuracy",
    show_default=True,
    help="Under which trials of Ray Tune reported their accuracy, once an epoch.",
)
@database_option
def import_(source: str, study: str | None, space: Path | None, url: str, **how: Any) -> None:
    """Bring in a study from FILE, which `export` wrote, with its trials and epochs.

    FILE may also be the URL of an Optuna storage or the folder of a Ray Tune experiment, with --space:
    parameters are taken by the names of the space's decisions, accuracies must be in [0, 1].

    \b
    Example:
        autotrick import fashion.parquet --study fashion_of_last_year
        autotrick import sqlite:///optuna.db --space digits.toml --study digits_of_optuna
    """
    from autotrick.cli.output import counts_text
    from autotrick.exchange import Meaning, bring
    from autotrick.records import open_database
    from autotrick.tune.resources import Resources

    meaning = Meaning(space, resources=Resources().to_json(), **how) if space else None
    with open_database(url, late=True) as database:
        told = partial(click.echo, err=True)
        row = bring(database, source, study=study, meaning=meaning, notice=told)
    click.echo(f"{row.name}: {counts_text(row)}. Look at them: autotrick best {row.name}")
