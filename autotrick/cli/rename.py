"""`autotrick rename`."""

import click

from autotrick.cli.options import database_option


@click.command()
@click.argument("study")
@click.argument("new")
@database_option
def rename(study: str, new: str, url: str) -> None:
    """Rename STUDY to NEW.

    \b
    Example:
        autotrick rename fashion_mnist_tricks fashion_first_try
    """
    from autotrick import records
    from autotrick.cli.sign_of_life import await_sign
    from autotrick.tune.session import STALE_S

    with records.open_database(url, create=False) as database:
        await_sign(database, study)
        records.rename_study(database, study, new, stale_after=STALE_S)
    click.echo(f"{study} is now called {new}.")
