"""Commands for studies that are searched by another process, on this machine or elsewhere."""

import click

from autotrick.cli.options import Duration, database_option


@click.command()
@click.argument("study")
@click.option(
    "--wait",
    type=Duration(),
    metavar="TIME",
    default="1s",
    help="How long to wait for its search to begin, such as 2m after `autotrick submit`.",
)
@database_option
def follow(study: str, wait: float, url: str) -> None:
    """Show how STUDY goes on, wherever it is searched, until it ends. Ctrl-C ends only the look.

    \b
    Example:
        autotrick follow fashion_mnist_tricks
    """
    from autotrick.cli.running import follow_and_show

    try:
        follow_and_show(study, url, wait_s=wait)
    except KeyboardInterrupt:
        click.echo(f"\nOnly the look has ended. Another one: autotrick follow {study}")


@click.command()
@click.argument("study")
@database_option
def stop(study: str, url: str) -> None:
    """Ask the search of STUDY to end in order, wherever it runs.

    Running trials end with the epoch that they are at, and wait; `autotrick resume`, or submitting the
    space again, goes on from there.

    \b
    Example:
        autotrick stop fashion_mnist_tricks
    """
    from autotrick.cli.keeping import await_sign
    from autotrick.records import ask_to_stop, open_database
    from autotrick.tune.session import STALE_S

    with open_database(url, create=False) as database:
        await_sign(database, study)
        owner = ask_to_stop(database, study, stale_after=STALE_S)
    click.echo(f"{owner} ends after the epochs that are under way: autotrick follow {study}")
