"""`autotrick ladder`."""

from typing import TYPE_CHECKING, Any

import click

from autotrick.cli.options import RunOptions, json_option, resource_options, trial_argument

if TYPE_CHECKING:
    from autotrick.recipe import Settings


@click.command()
@click.argument("study")
@trial_argument
@click.option(
    "--order",
    metavar="TRICKS",
    help="The trial's tricks in the order in which they are added, with commas.  [default: the most "
    "helpful first]",
)
@click.option(
    "--network",
    "networks",
    multiple=True,
    metavar="NAME",
    help="Another network to train without and with the tricks, such as resnet20 or "
    "fastnet:width=1.0; may be given several times.",
)
@click.option(
    "--seeds",
    type=click.IntRange(2, 100),
    default=3,
    show_default=True,
    help="Number of seeds for each recipe.",
)
@json_option
@resource_options
@click.pass_context
def ladder(  # noqa: PLR0913 -- click passes options one by one
    ctx: click.Context,
    /,
    study: str,
    trial: int,
    order: str | None,
    networks: tuple[str, ...],
    seeds: int,
    as_json: bool,
    **options: Any,
) -> None:
    """Add the tricks of TRIAL of STUDY one at a time, and show what each adds to those before it.

    The recipes are trained with the same seeds, as a study of its own, STUDY-ladder-TRIAL. With --network
    the gain is divided between network and tricks. After a kill or Ctrl-C, the same command or `autotrick
    resume` goes on.

    \b
    Example:
        autotrick ladder fashion_mnist_tricks 12 --network fastnet:width=0.5
    """
    from autotrick.cli.ladder_table import LadderOptions, run_ladder

    asked = LadderOptions(
        study,
        trial,
        tuple(order.replace(" ", "").split(",")) if order else (),
        tuple(_network(word) for word in networks),
        seeds,
    )
    default = click.core.ParameterSource.DEFAULT
    named = {key for key in options if ctx.get_parameter_source(key) is not default}
    run_ladder(asked, RunOptions(**options), named, as_json=as_json)


def _network(word: str) -> "tuple[str, Settings]":
    """Return the name and the settings in NAME:KEY=VALUE,KEY=VALUE."""
    name, _, rest = word.partition(":")
    settings: Settings = {}
    for part in filter(None, rest.split(",")):
        key, equals, value = part.partition("=")
        if not (key and equals and value):
            message = f"{part!r} is not a setting. Write NAME:KEY=VALUE, such as fastnet:width=1.0."
            raise click.BadParameter(message, param_hint="--network")
        settings[key] = _value(value)
    return name, settings


def _value(text: str) -> bool | int | float | str:
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return {"true": True, "false": False}.get(text, text)
