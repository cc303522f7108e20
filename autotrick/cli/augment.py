"""`autotrick augment`."""

from pathlib import Path
from typing import Any

import click

from autotrick.cli.options import data_dir_option


@click.command()
@click.argument("source", type=click.Path(path_type=Path), metavar="SPACE_OR_RECIPE")
@click.option(
    "--factor",
    type=click.IntRange(min=1),
    help="How many times as large the train split becomes, the originals included.  [default: the "
    "product of the tricks' own factors]",
)
@click.option(
    "--preset",
    metavar="NAME",
    help="Tricks to use instead of the space's: keras_offline, after Keras's ImageDataGenerator.",
)
@click.option(
    "-o",
    "--output",
    required=True,
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder to write.",
)
@click.option("--seed", type=click.IntRange(min=0), help="Random seed.  [default: the recipe's]")
@data_dir_option
def augment(source: Path, output: Path, **how: Any) -> None:
    """Write an augmented data set to a folder.

    The train split grows by --factor; the other splits stay as they are. Give a space (.toml) to use its image tricks with their published settings, or a recipe (.json, as
    `autotrick show --json` prints it) to use the recipe's own. A space reads the result as
    parquet:FOLDER.

    \b
    Example:
        autotrick augment search_spaces/cifar10_tricks.toml --factor 4 -o cifar10_x4
        autotrick augment space.toml --preset keras_offline --factor 31 -o more
    """
    from autotrick.cli.augmented_data import write_data_set

    click.echo(write_data_set(source, output, **how))
