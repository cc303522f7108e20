"""Commands that use what trials learned: many networks as one, and one as a teacher."""

from dataclasses import asdict
from pathlib import Path

import click

from autotrick.cli.options import data_dir_option, database_option, json_option
from autotrick.cli.output import console, print_json
from autotrick.cli.tables import print_table
from autotrick.tasks import ACCURACY


@click.command()
@click.argument("study")
@click.option(
    "--top", type=click.IntRange(min=2), default=5, show_default=True, help="How many trials."
)
@click.option("--retrain", is_flag=True, help="Train again those whose checkpoint is gone.")
@json_option
@data_dir_option
@database_option
def ensemble(
    study: str, top: int, retrain: bool, data_dir: Path | None, as_json: bool, url: str
) -> None:
    """Average the predictions of the best trials of STUDY, and show what it brings and costs.

    \b
    Example:
        autotrick ensemble fashion_mnist_tricks --top 3
    """
    from autotrick.ensemble import ensemble as combine
    from autotrick.records import open_database

    progress = console(stderr=True)
    with open_database(url, create=False) as database:
        found = combine(
            database,
            study,
            top=top,
            retrain=retrain,
            data_dir=data_dir,
            on_trial=lambda number: progress.print(f"trial {number}", style="dim"),
        )
    if as_json:
        print_json([{"study": study, **asdict(found)}])
        return
    cells = (
        (
            "all together" if member.trial is None else f"trial {member.trial}",
            ACCURACY.shown(member.accuracy),
            f"{member.parameters:,}",
            f"{member.milliseconds:.3f}",
        )
        for member in (*found.members, found.together)
    )
    title = f"Averaged probabilities of the best {top} trials of {study}"
    print_table(title, ("network", ">accuracy", ">weights", ">ms an image"), cells)
    click.echo(
        f"All together against the best: {100 * found.gain:+.2f} points (standard error "
        f"{100 * found.error:.2f}) on the {found.images:,} validation images that chose the trials."
    )


@click.command()
@click.argument("study")
@click.argument("trial", type=click.IntRange(min=0))
@click.option("--retrain", is_flag=True, help="Train again if the checkpoint is gone.")
@json_option
@data_dir_option
@database_option
def aspects(
    study: str, trial: int, retrain: bool, data_dir: Path | None, as_json: bool, url: str
) -> None:
    """Show TRIAL's accuracy on images by how elongated they were (folders of images only).

    \b
    Example:
        autotrick aspects photos 7
    """
    from autotrick.aspect_ratio import accuracy_by_aspect
    from autotrick.records import open_database

    with open_database(url, create=False) as database:
        found = accuracy_by_aspect(database, study, trial, retrain=retrain, data_dir=data_dir)
    if as_json:
        print_json([{"study": study, "trial": trial, **asdict(one)} for one in found])
        return
    cells = (
        (
            f"{one.low:g} to {one.high:g}" if one.high else f"above {one.low:g}",
            f"{one.images:,}",
            ACCURACY.shown(one.accuracy),
            "-" if one.error is None else f"{100 * one.error:.2f}",
        )
        for one in found
    )
    heads = ("longer side / shorter side", ">images", ">accuracy", ">standard error (points)")
    print_table(f"Trial {trial} of {study}, by what the images were", heads, cells)


@click.command()
@click.argument("study")
@click.argument("trial", type=click.IntRange(min=0))
@database_option
def teacher(study: str, trial: int, url: str) -> None:
    """Print the lines of a space that make TRIAL of STUDY the teacher of its trials.

    \b
    Example:
        autotrick teacher fashion_mnist_tricks 7 >> search_spaces/my_question.toml
    """
    import json

    from autotrick.bounded_file import is_regular
    from autotrick.errors import NotFoundError
    from autotrick.records import last_checkpoint, open_database
    from autotrick.records import trial as one_trial

    with open_database(url, create=False) as database:
        row = one_trial(database, study, trial)
        kept = last_checkpoint(database, row.id)
    if kept is None or not is_regular(Path(kept.path)):
        message = f"trial {trial} of study {study!r} has no checkpoint (any more)."
        raise NotFoundError(f"{message} Choose another trial, or search again.")
    click.echo("[tricks.distillation]")
    click.echo(f"teacher = {json.dumps(str(Path(kept.path).resolve()))}")
    click.echo(f"checksum = {json.dumps(kept.checksum[:16])}")
