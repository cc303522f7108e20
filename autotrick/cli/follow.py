"""`autotrick follow`."""

import click

from autotrick.cli.options import Duration, database_option


@click.command()
@click.argument("study")
@click.option(
    "--wait",
    type=Duration(),
    metavar="TIME",
    default="1s",
    show_default=True,
    help="How long to wait for the search to begin, such as 2m after `autotrick submit`.",
)
@database_option
def follow(study: str, wait: float, url: str) -> None:
    """Watch the search of STUDY, wherever it runs, until it ends.

    Ctrl-C stops watching; the search goes on.

    \b
    Example:
        autotrick follow fashion_mnist_tricks
    """
    from autotrick.cli.followed_search import follow_search

    try:
        follow_search(study, url, wait_s=wait)
    except KeyboardInterrupt:
        click.echo(f"\nThe search goes on. To watch it again: autotrick follow {study}")
