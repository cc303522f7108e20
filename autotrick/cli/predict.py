"""`autotrick predict`."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from autotrick.cli.options import (
    MOST,
    average_option,
    data_dir_option,
    database_option,
    json_option,
    named_code_option,
)
from autotrick.cli.output import announce

if TYPE_CHECKING:
    from autotrick.train.average import Average


@click.command()
@click.argument("study")
@click.argument("images", nargs=-1, metavar="[TRIAL] IMAGE...")
@click.option(
    "--top",
    type=click.IntRange(min=2),
    help="Average this many of the study's best trials instead of using one.",
)
@average_option
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    help="CSV file to write, with one row per image.",
)
@click.option("--retrain", is_flag=True, help="Train trials again whose checkpoint is gone.")
@click.option("--device", default="cpu", show_default=True, help="Where to compute, such as cuda.")
@json_option
@data_dir_option
@named_code_option
@database_option
@click.pass_context
def predict(  # noqa: PLR0913 -- click passes options one by one
    ctx: click.Context,
    /,
    study: str,
    images: tuple[str, ...],
    top: int | None,
    average: "Average",
    output: Path | None,
    retrain: bool,
    device: str,
    as_json: bool,
    data_dir: Path | None,
    url: str,
) -> None:
    """Tell the classes of new images with the network of TRIAL of STUDY.

    An IMAGE is a file, a folder (at any depth), or a Parquet file with a column of images. They are read
    as in training, and the trial's weight averages and test-time augmentation apply. Without TRIAL the best
    trial predicts. STUDY may also be the path of a checkpoint. The data set is not needed.

    Files that are not images, or are damaged, are named on stderr; the others are predicted, and the exit
    status is 1.

    \b
    Example:
        autotrick predict fashion_mnist_tricks 7 shirt.png boots.jpg
        autotrick predict fashion_mnist_tricks holiday_photos --top 5 -o classes.csv
    """
    trial, paths = _split(images)
    if top is not None and trial is not None:
        raise click.UsageError("Give either TRIAL or --top.")
    if output is not None and output.suffix.lower() != ".csv":
        raise click.UsageError(f"--output must end with .csv, but is {output}.")
    if as_json and output is not None:
        raise click.UsageError("Give either --json or --output.")
    announce(f"Looking at {', '.join(map(str, paths[:3]))}")
    from autotrick.cli.predictions import Wanted, print_predictions

    wanted = Wanted(study, trial, top, average, retrain, device, data_dir, url)
    if not print_predictions(wanted, paths, output=output, as_json=as_json):
        ctx.exit(1)


def _split(images: tuple[str, ...]) -> tuple[int | None, list[Path]]:
    """Return the number of the trial, if there is one, and the paths.

    Raises:
        UsageError: There are no paths, or the number is too large.
    """
    first, *others = images or ("",)
    is_number = first.isdecimal() and first.isascii()
    if is_number and not (not others and Path(first).exists()):
        if int(first) > MOST:
            raise click.UsageError(f"TRIAL is a number up to {MOST}, but got {first}.")
        trial, paths = int(first), others
    else:
        trial, paths = None, list(images)
    if not paths:
        raise click.UsageError("Name the images: files, a folder, or a Parquet file.")
    return trial, [Path(path) for path in paths]
