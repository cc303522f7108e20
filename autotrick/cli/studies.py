"""`autotrick studies`."""

import click

from autotrick.cli.options import database_option, json_option
from autotrick.cli.output import print_views
from autotrick.cli.tables import print_rows


@click.command()
@click.option("--all", "every", is_flag=True, help="Show archived studies as well.")
@json_option
@database_option
def studies(url: str, every: bool, as_json: bool) -> None:
    """List the studies in the database.

    \b
    Example:
        autotrick studies
    """
    from autotrick import records
    from autotrick.cli.open_for_reading import open_for_reading
    from autotrick.views import columns
    from autotrick.views.study import StudyView

    with open_for_reading(url) as database:
        known = records.studies(database)
    rows = [StudyView.of(row) for row in known if every or not row.archived]
    if as_json:
        print_views(rows)
    elif rows:
        print_rows("Studies", columns.studies(rows), rows)
    else:
        click.echo(
            "No studies." if not known else "All studies are archived: autotrick studies --all"
        )
