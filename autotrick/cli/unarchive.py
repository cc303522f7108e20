"""`autotrick unarchive`."""

import click

from autotrick.cli.options import database_option


@click.command()
@click.argument("study")
@database_option
def unarchive(study: str, url: str) -> None:
    """List STUDY in `autotrick studies` again.

    \b
    Example:
        autotrick unarchive fashion_first_try
    """
    from autotrick import records

    with records.open_database(url, create=False) as database:
        records.archive_study(database, study, archived=False)
    click.echo(f"{study} is listed again.")
