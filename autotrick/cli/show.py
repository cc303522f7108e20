"""`autotrick show`."""

import click

from autotrick.cli.options import database_option, json_option, trial_argument
from autotrick.cli.output import print_views


@click.command()
@click.argument("study")
@trial_argument
@json_option
@database_option
def show(study: str, trial: int, as_json: bool, url: str) -> None:
    """Show one TRIAL of STUDY: recipe, epochs, attempts, environment.

    \b
    Example:
        autotrick show fashion_mnist_tricks 7
    """
    from autotrick import records
    from autotrick.cli.open_for_reading import open_for_reading
    from autotrick.cli.trial_detail import print_detail
    from autotrick.data.facts import recorded
    from autotrick.views.trial import TrialDetail

    with open_for_reading(url, study) as database:
        facts = recorded(records.study(database, study).data)
        detail = TrialDetail.of(
            records.trial(database, study, trial),
            records.reports(database, study, numbers=[trial]).get(trial, []),
            records.attempts(database, study, trial),
        )
    if as_json:
        print_views([detail])
    else:
        print_detail(detail, facts)
