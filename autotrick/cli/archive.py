"""`autotrick archive`."""

import click

from autotrick.cli.options import database_option


@click.command()
@click.argument("study")
@database_option
def archive(study: str, url: str) -> None:
    """Hide STUDY from `autotrick studies`. Nothing else changes.

    \b
    Example:
        autotrick archive fashion_first_try
    """
    from autotrick import records

    with records.open_database(url, create=False) as database:
        records.archive_study(database, study, archived=True)
    click.echo(f"{study} is archived. To list it: autotrick studies --all")
