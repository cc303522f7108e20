"""`autotrick init`."""

from pathlib import Path
from typing import Any

import click

from autotrick.cli.options import Duration, data_dir_option, json_option
from autotrick.cli.output import announce


@click.command()
@click.argument("images", nargs=-1, required=True, metavar="FOLDER|PARQUET...|NAME")
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Space file to write.  [default: the name of the images, such as photos.toml]",
)
@click.option(
    "--time-budget",
    type=Duration(),
    default="40m",
    show_default=True,
    metavar="TIME",
    help="Time that the search may take on this machine (90s, 40m, 2h).",
)
@click.option("--force", is_flag=True, help="Replace an existing space file.")
@click.option(
    "--cache",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="DIR",
    help="Folder for decoded data sets.  [default: `autotrick` in $XDG_CACHE_HOME or ~/.cache]",
)
@json_option
@data_dir_option
def init(images: tuple[str, ...], **options: Any) -> None:
    """Look at images and write a first search space for them.

    IMAGES is a folder with a folder for each class, Parquet files, or the name of a data set such as cifar10
    with --data-dir. All files are looked at: classes with their counts, sizes, what is left out, and every
    image that cannot be read. The space says in comments why it is as it is, and is yours to change.

    \b
    Example:
        autotrick init photos --time-budget 40m
        autotrick search photos.toml
    """
    announce(f"Looking at {', '.join(images[:3])}")
    from autotrick.cli.first_space import write_first_space

    write_first_space(images, **options)
