"""`autotrick preview`."""

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
    help="Trick to show, or `all`. May be repeated.  [default: the space's tricks that change images]",
)
@click.option(
    "--policy",
    "policies",
    metavar="NAME",
    multiple=True,
    help="Policy to show, named as for `autotrick policy show`, or `all`. May be repeated.",
)
@click.option(
    "--operation",
    "operations",
    metavar="NAME",
    multiple=True,
    help="Policy operation to show at rising strength, such as Rotate, or `all`. May be repeated.",
)
@click.option("--study", help="Study of the trial to show; needs --trial.")
@click.option(
    "--trial", type=click.IntRange(min=0), help="Number of the trial to show; needs --study."
)
@click.option(
    "-o",
    "--output",
    required=True,
    type=click.Path(dir_okay=False, path_type=Path),
    help="PNG or HTML file to write.",
)
@click.option(
    "--count", type=click.IntRange(1, 100), default=12, show_default=True, help="Images per row."
)
@click.option(
    "--seed", type=click.IntRange(min=0), default=0, show_default=True, help="Random seed."
)
@data_dir_option
@database_option
def preview(
    space: Path, study: str | None, trial: int | None, output: Path, **options: Any
) -> None:
    """Draw what tricks do to images of the space in the file SPACE.

    The picture has a row for each trick, at its published settings and as in the middle of training. The
    same seed gives the same picture.

    \b
    Example:
        autotrick preview search_spaces/cifar10_tricks.toml -o tricks.png
        autotrick preview space.toml --trick rotate --trick rotate:degrees=40,border=wrap -o a.png
    """
    if output.suffix.lower() not in _ENDINGS:
        raise click.UsageError(f"--output must end with {', '.join(_ENDINGS)}, but is {output}.")
    if (study is None) != (trial is None):
        raise click.UsageError("--study and --trial go together.")
    from autotrick.cli.preview_rows import Wanted, draw_preview

    rows = draw_preview(space, output, Wanted(study=study, trial=trial, **options))
    click.echo(f"{output}: {rows} rows")
