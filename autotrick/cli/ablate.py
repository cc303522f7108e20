"""`autotrick ablate`."""

from typing import Any

import click

from autotrick.cli.options import MOST, Number, RunOptions, json_option, resource_options


@click.command()
@click.argument("study")
@click.argument("trial", type=click.IntRange(0, MOST), required=False)
@click.option(
    "--study",
    "name",
    metavar="NAME",
    help="Name of the ablation's study.  [default: STUDY-ablate-TRIAL]",
)
@click.option(
    "--seeds",
    type=click.IntRange(2, 100),
    help="Maximum number of seeds for each recipe.  [default: 5]",
)
@click.option(
    "--add/--no-add",
    default=None,
    help="Also train the recipe with each other trick of the space.  [default: add]",
)
@click.option(
    "--precision",
    type=Number(min=0),
    metavar="POINTS",
    help="Differences within it do not matter.  [default: the study's]",
)
@json_option
@resource_options
@click.pass_context
def ablate(
    ctx: click.Context, /, study: str, trial: int | None, as_json: bool, **options: Any
) -> None:
    """Show what each trick does in the recipe of TRIAL of STUDY, and which of them it can do without.

    Trains the recipe without each of its tricks and with each other one, all with the same new seeds, as a
    study of its own. A recipe whose difference is clear gets no further seed. Then the tricks that cost
    least are left out together. Without TRIAL it is the recipe that STUDY recommends. Run again, the
    command continues the ablation, and prints it when it has ended.

    \b
    Example:
        autotrick ablate fashion_mnist_tricks 12 --seeds 5
    """
    from autotrick.cli.expected_database import expect_database

    expect_database(options["url"], "PyTorch and Ray")
    from autotrick.cli.ablation import AblationOptions, run_ablation

    asked = AblationOptions(
        study, trial, **{key: options.pop(key) for key in ("name", "seeds", "add", "precision")}
    )
    given = click.core.ParameterSource.DEFAULT
    named = {key for key in options if ctx.get_parameter_source(key) is not given}
    run_ablation(asked, RunOptions(**options), named, as_json=as_json)
