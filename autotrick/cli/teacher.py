"""`autotrick teacher`."""

import json
from pathlib import Path

import click

from autotrick.cli.options import database_option


@click.command()
@click.argument("study")
@click.argument("trial", type=click.IntRange(min=0))
@database_option
def teacher(study: str, trial: int, url: str) -> None:
    """Print the lines of a space that make TRIAL of STUDY a teacher.

    Append them to a space file: its trials may then use the trick `distillation`.

    \b
    Example:
        autotrick teacher fashion_mnist_tricks 7 >> search_spaces/my_question.toml
    """
    from autotrick import records
    from autotrick.bounded_file import is_regular
    from autotrick.errors import NotFoundError

    with records.open_database(url, create=False) as database:
        row = records.trial(database, study, trial)
        checkpoint = records.last_checkpoint(database, row.id)
    if checkpoint is None or not is_regular(Path(checkpoint.path)):
        message = f"trial {trial} of study {study!r} has no checkpoint (any more)."
        raise NotFoundError(f"{message} Choose another trial, or search again.")
    click.echo("[tricks.distillation]")
    click.echo(f"teacher = {json.dumps(str(Path(checkpoint.path).resolve()))}")
    click.echo(f"checksum = {json.dumps(checkpoint.checksum[:16])}")
