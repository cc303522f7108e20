"""`autotrick teacher`."""

import json

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
    from autotrick.bounded_file import local_file
    from autotrick.errors import NotFoundError

    with records.open_database(url, create=False) as database:
        row = records.trial(database, study, trial)
        checkpoint = records.last_checkpoint(database, row.id)
    file = local_file(checkpoint.path) if checkpoint is not None else None
    if checkpoint is None or file is None:
        message = f"trial {trial} of study {study!r} has no checkpoint (any more)."
        raise NotFoundError(f"{message} Choose another trial, or search again.")
    click.echo("[tricks.distillation]")
    click.echo(f"teacher = {json.dumps(str(file.resolve()))}")
    click.echo(f"checksum = {json.dumps(checkpoint.checksum[:16])}")
