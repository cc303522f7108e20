"""Commands that make images: a picture of what tricks do, and an augmented data set."""

from pathlib import Path
from typing import Any

import click

from autotrick.cli.options import data_dir_option, database_option

_ENDINGS = (".png", ".html", ".htm")


@click.command()
@click.argument("space", type=click.Path(path_type=Path))
@click.option(
    "--trick",
    "tricks",
    metavar="NAME[:SETTING=VALUE,...]",
    multiple=True,
    help="A trick to show, or all; may be repeated.  [default: those of the space that change images]",
)
@click.option(
    "--policy",
    "policies",
    metavar="NAME",
    multiple=True,
    help="A policy to show, as `autotrick policy show` takes it, or all; may be repeated.",
)
@click.option(
    "--operation",
    "operations",
    metavar="NAME",
    multiple=True,
    help="An operation of policies to show by its strength, such as Rotate, or all; may be repeated.",
)
@click.option("--study", help="Show what a trial of this study does; with --trial.")
@click.option("--trial", type=click.IntRange(min=0), help="The trial's number.")
@click.option(
    "-o",
    "--output",
    required=True,
    type=click.Path(dir_okay=False, path_type=Path),
    help="PNG or HTML file to write.",
)
@click.option(
    "--count", type=click.IntRange(1, 100), default=12, show_default=True, help="Images in a row."
)
@click.option(
    "--seed", type=click.IntRange(min=0), default=0, show_default=True, help="Of all draws."
)
@data_dir_option
@database_option
def preview(space: Path, output: Path, **what: Any) -> None:
    """Draw what tricks do to images of the data set of the space in the file SPACE.

    One row a trick, with its published settings, as in the middle of a training. The same seed
    gives the same picture.

    \b
    Example:
        autotrick preview search_spaces/cifar10_tricks.toml -o tricks.png
        autotrick preview space.toml --trick rotate --trick rotate:degrees=40,border=wrap -o a.png
    """
    if output.suffix.lower() not in _ENDINGS:
        raise click.UsageError(f"--output must end with {', '.join(_ENDINGS)}, but is {output}.")
    if (what["study"] is None) != (what["trial"] is None):
        raise click.UsageError("--study and --trial go together.")
    from autotrick.cli.picturing import draw_preview

    rows = draw_preview(space, output, what)
    click.echo(f"{output}: {rows} rows")


@click.command()
@click.argument("source", type=click.Path(path_type=Path), metavar="SPACE_OR_RECIPE")
@click.option(
    "--factor",
    type=click.IntRange(min=1),
    help="Images for each training image, itself the first.  [default: the product of the tricks' own]",
)
@click.option(
    "--preset",
    metavar="NAME",
    help="Tricks to use in place of the space's: keras_offline, after Keras's ImageDataGenerator.",
)
@click.option(
    "-o",
    "--output",
    required=True,
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder to write.",
)
@click.option("--seed", type=click.IntRange(min=0), help="Of all draws.  [default: the recipe's]")
@data_dir_option
def augment(source: Path, output: Path, **how: Any) -> None:
    """Write an augmented data set: its train split FACTOR times as large, the others as they are.

    Of a space (.toml) the image tricks act with their published settings, of a recipe (.json, as
    `autotrick show --json` prints it) with its own. A space reads the folder as parquet:FOLDER.

    \b
    Example:
        autotrick augment search_spaces/cifar10_tricks.toml --factor 4 -o cifar10_x4
        autotrick augment space.toml --preset keras_offline --factor 31 -o more
    """
    from autotrick.cli.augmenting import write_data_set

    click.echo(write_data_set(source, output, **how))
