"""`autotrick database`."""

import click

from autotrick.cli.options import database_option


@click.group()
def database() -> None:
    """Maintain the results database.

    \b
    Example:
        autotrick database upgrade
    """


@database.command()
@database_option
def upgrade(url: str) -> None:
    """Upgrade the database to the schema of this version of autotrick. No data are lost.

    \b
    Example:
        autotrick database upgrade --database sqlite:///autotrick.db
    """
    from autotrick.records import upgrade_database

    before, after = upgrade_database(url)
    click.echo(f"schema {before} -> {after}" if before != after else f"schema {after}: up to date")
