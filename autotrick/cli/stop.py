"""`autotrick stop`."""

import click

from autotrick.cli.options import database_option


@click.command()
@click.argument("study")
@database_option
def stop(study: str, url: str) -> None:
    """Ask the search of STUDY to stop, wherever it runs.

    Running trials finish their current epoch and then wait. To go on, use `autotrick resume` or submit
    the space again.

    \b
    Example:
        autotrick stop fashion_mnist_tricks
    """
    from autotrick import records
    from autotrick.cli.sign_of_life import await_sign
    from autotrick.tune.session import STALE_S

    with records.open_database(url, create=False) as database:
        await_sign(database, study)
        owner = records.ask_to_stop(database, study, stale_after=STALE_S)
    click.echo(f"{owner} stops after the current epochs. To watch: autotrick follow {study}")
