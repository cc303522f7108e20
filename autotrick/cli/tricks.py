"""`autotrick tricks`."""

import click

from autotrick.cli.options import database_option, json_option


@click.command()
@click.argument("study")
@click.option("--combinations", is_flag=True, help="Show the best combinations of tricks instead.")
@click.option(
    "--top",
    type=click.IntRange(min=1),
    default=10,
    show_default=True,
    help="Maximum number of combinations to show.",
)
@click.option("--all", "every", is_flag=True, help="Compare all trials instead of a random 1,000.")
@json_option
@database_option
def tricks(study: str, combinations: bool, top: int, every: bool, as_json: bool, url: str) -> None:
    """Show the effect and the cost of each trick of STUDY.

    Effects come with 95 % confidence intervals and a verdict, costs as factors of the time per epoch.
    Where the study has a screen, its trials alone decide, and combinations come with the value that
    is predicted around its base, whether they were run or not.

    \b
    Example:
        autotrick tricks fashion_mnist_tricks --combinations
    """
    from autotrick import records
    from autotrick.cli.open_for_reading import open_for_reading
    from autotrick.cli.trial_pages import compared, screened
    from autotrick.cli.trick_effects import show_combinations, show_effects
    from autotrick.views.linked import linked

    with open_for_reading(url, study) as database:
        searched = records.study(database, study)
        if combinations:
            sets = records.trick_sets(database, study)
            screen = screened(database, study)
            show_combinations(searched, sets, *screen, top=top, as_json=as_json)
            return
        rows, curves, part = compared(database, study, every=every)
        belongs = linked(database, searched)
    show_effects(searched, rows, curves, belongs, as_json=as_json)
    if part and not as_json:
        click.echo(part)
