"""`autotrick trials`."""

import click

from autotrick.cli.options import database_option, json_option, where_option
from autotrick.cli.output import print_views
from autotrick.cli.tables import print_rows

TABLE_ROWS = 100


@click.command()
@click.argument("study")
@where_option
@click.option(
    "--after",
    type=click.IntRange(-1, 2**31 - 1),
    default=-1,
    help="Show only trials whose number is greater than this.",
)
@click.option(
    "--limit",
    type=click.IntRange(min=1),
    help="Maximum number of trials to show.  [default: 100 in a table, all with --json]",
)
@json_option
@database_option
def trials(
    study: str, where: str | None, after: int, limit: int | None, as_json: bool, url: str
) -> None:
    """Show the trials of STUDY in any state, ordered by number.

    \b
    Example:
        autotrick trials fashion_mnist_tricks --where "state = 'failed' or not cosine_decay"
    """
    from autotrick.cli.open_for_reading import open_for_reading
    from autotrick.cli.trial_pages import pages
    from autotrick.records import study as recorded_study
    from autotrick.views import columns
    from autotrick.views.trial import TrialView

    shown = limit if limit or as_json else TABLE_ROWS
    with open_for_reading(url, study) as database:
        rows = map(TrialView.of, pages(database, study, where=where, after=after, limit=shown))
        if as_json:
            print_views(rows)
            return
        found, metric = list(rows), recorded_study(database, study).value_metric
    print_rows(f"Trials of {study}", columns.trials(metric), found)
    if len(found) == shown:
        click.echo(f"More trials: --after {found[-1].number}")
