"""`autotrick compare`."""

from typing import Any

import click

from autotrick.cli.options import RunOptions, json_option, resource_options


@click.command()
@click.argument("study")
@click.argument("first", metavar="A")
@click.argument("second", metavar="B")
@click.option(
    "--study",
    "name",
    metavar="NAME",
    help="Name of the study that trains them.  [default: STUDY-compare-A-B]",
)
@click.option(
    "--seeds",
    type=click.IntRange(3, 1000),
    help="Number of seeds that both must have.  [default: those on record, or 5]",
)
@json_option
@resource_options
@click.pass_context
def compare(
    ctx: click.Context, /, study: str, first: str, second: str, as_json: bool, **options: Any
) -> None:
    """Show how the recipes A and B differ, and by how much A is better over seeds.

    A and B are trials of STUDY, trials of another study (STUDY:TRIAL), or JSON files with a recipe. Values
    are compared within a seed. Trials of lists (`autotrick run --parent STUDY`) and of comparisons count. If
    there are too few, both recipes are trained with new seeds, as a study of their own.

    \b
    Example:
        autotrick compare fashion_mnist_tricks 12 7 --seeds 5
    """
    from autotrick.cli.comparison import ComparisonOptions, run_comparison

    asked = ComparisonOptions(study, first, second, options.pop("name"), options.pop("seeds"))
    given = click.core.ParameterSource.DEFAULT
    named = {key for key in options if ctx.get_parameter_source(key) is not given}
    run_comparison(asked, RunOptions(**options), named, as_json=as_json)
