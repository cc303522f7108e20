"""`autotrick bundle`."""

from pathlib import Path

import click

from autotrick.cli.options import database_option, trial_argument


@click.command()
@click.argument("study")
@trial_argument
@click.option(
    "-o",
    "--output",
    required=True,
    metavar="FILE",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Zip file to write.",
)
@click.option(
    "--checkpoint", is_flag=True, help="Include the network, the checkpoint of the last epoch."
)
@database_option
def bundle(study: str, trial: int, output: Path, checkpoint: bool, url: str) -> None:
    """Write what another machine needs to train TRIAL of STUDY again.

    Recipe, environment, facts on the data, and the metrics and weights digest of every epoch, in one
    file for `autotrick reproduce FILE`. Images are not in it.

    \b
    Example:
        autotrick bundle fashion_mnist_tricks 7 -o winner.zip
    """
    from autotrick.export.bundle import write_bundle
    from autotrick.records import open_database

    with open_database(url, create=False) as database:
        size = write_bundle(database, study, trial, output, checkpoint=checkpoint)
    what = "with its checkpoint" if checkpoint else "without a checkpoint"
    click.echo(f"{output}: trial {trial} of {study}, {what}, {size:,} bytes")
    click.echo(f"On another machine: autotrick reproduce {output.name} --data-dir DIR")
