"""`autotrick export`."""

from pathlib import Path

import click

from autotrick.cli.options import database_option


@click.command()
@click.argument("study")
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    help="File to write: .parquet or .jsonl, which `autotrick import` reads, or .csv for spreadsheets.",
)
@click.option(
    "--optuna", metavar="URL", help="Optuna storage to write to, such as sqlite:///optuna.db."
)
@database_option
def export(study: str, output: Path | None, optuna: str | None, url: str) -> None:
    """Write STUDY to a file or to an Optuna storage.

    Trials, epochs and attempts are written with it; checkpoints are not.

    \b
    Example:
        autotrick export fashion_mnist_tricks -o fashion.parquet
        autotrick export fashion_mnist_tricks --optuna sqlite:///optuna.db
    """
    from autotrick.cli.open_for_reading import open_for_reading
    from autotrick.exchange import export_to_optuna, write
    from autotrick.redaction import redacted_url

    if (output is None) == (optuna is None):
        raise click.UsageError("Give either --output or --optuna.")
    with open_for_reading(url, study) as database:
        if output is not None:
            click.echo(f"{write(database, study, output):,} trials: {output}")
        if optuna is not None:
            click.echo(
                f"{export_to_optuna(database, study, optuna):,} trials: {redacted_url(optuna)}"
            )
