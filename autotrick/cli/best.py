"""`autotrick best`."""

import click

from autotrick.cli.options import database_option, json_option, where_option
from autotrick.cli.output import print_views


@click.command()
@click.argument("study")
@click.option(
    "--top",
    type=click.IntRange(min=1),
    help="Maximum number of trials to show.  [default: 10; the whole Pareto set]",
)
@where_option
@json_option
@database_option
def best(study: str, top: int | None, where: str | None, as_json: bool, url: str) -> None:
    """Show the best trials of STUDY.

    The study's objective decides which trials are best. With several objectives, this is the Pareto
    set: the trials that no other trial beats in every objective.

    \b
    Example:
        autotrick best fashion_mnist_tricks --top 3 --where "architecture = 'lenet5'"
    """
    from autotrick import records
    from autotrick.cli.leaderboard import print_best
    from autotrick.cli.open_for_reading import open_for_reading
    from autotrick.views.trial import TrialView

    with open_for_reading(url, study) as database:
        objective = records.study(database, study).objective
        if objective.several:
            rows = records.pareto(database, study, where=where)[:top]
        else:
            rows = records.best(database, study, limit=top or 10, where=where)
    trials = [TrialView.of(row) for row in rows]
    if as_json:
        print_views(trials)
    else:
        print_best(study, objective, trials)
