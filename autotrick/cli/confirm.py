"""`autotrick confirm`."""

from typing import Any

import click

from autotrick.cli.options import RunOptions, json_option, resource_options


@click.command()
@click.argument("study")
@click.option(
    "--top",
    type=click.IntRange(1, 100),
    help="Number of the best recipes that race.  [default: 3]",
)
@click.option("--seeds", type=click.IntRange(1, 1000), help="Number of new seeds.  [default: 5]")
@click.option(
    "--study",
    "name",
    metavar="NAME",
    help="Name of the confirmation's study.  [default: STUDY-confirm]",
)
@click.option(
    "--no-test",
    is_flag=True,
    help="Confirm on the validation split; do not look at the test split.",
)
@click.option(
    "--look-again",
    is_flag=True,
    help="Look at the test split although it was looked at before. Every report will say so.",
)
@json_option
@resource_options
@click.pass_context
def confirm(ctx: click.Context, /, study: str, as_json: bool, **options: Any) -> None:
    """Train the best recipes of STUDY with new seeds, beside all tricks off, then look at the test split.

    Recipes that cannot be the best any more are ended early. The test split is looked at once for STUDY
    and all that belongs to it, after the best recipe is known. After a kill or Ctrl-C, the same command or
    `autotrick resume STUDY-confirm` goes on; an interrupted look is finished as the same look.

    \b
    Example:
        autotrick confirm fashion_mnist_tricks --top 3 --seeds 5
    """
    from autotrick.cli.expected_database import expect_database

    expect_database(options["url"], "PyTorch and Ray")
    from autotrick.cli.confirmation import ConfirmationOptions, run_confirmation

    keys = ("name", "top", "seeds", "no_test", "look_again")
    asked = ConfirmationOptions(study, **{key: options.pop(key) for key in keys})
    if asked.no_test and asked.look_again:
        raise click.UsageError("--no-test and --look-again exclude each other.")
    given = click.core.ParameterSource.DEFAULT
    named = {key for key in options if ctx.get_parameter_source(key) is not given}
    run_confirmation(asked, RunOptions(**options), named, as_json=as_json)
