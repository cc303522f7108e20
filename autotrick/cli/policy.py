"""`autotrick policy`."""

from pathlib import Path

import click

from autotrick.cli.options import database_option, json_option

_output = click.option(
    "-o",
    "--output",
    required=True,
    type=click.Path(dir_okay=False, path_type=Path),
    help="JSON file to write.",
)


@click.group()
def policy() -> None:
    """Export, show and import augmentation policies.

    \b
    Example:
        autotrick policy show rand-m9-n2-mstd0.5-inc1
    """


@policy.command()
@click.argument("study")
@click.argument("trial", type=click.IntRange(min=0))
@_output
@database_option
def export(study: str, trial: int, output: Path, url: str) -> None:
    """Write the policy of TRIAL of STUDY to a JSON file, with a note where it comes from.

    \b
    Example:
        autotrick policy export fashion_mnist_policy 12 -o fashion.json
    """
    from autotrick.cli.policy_files import exported

    click.echo(exported(study, trial, output, url))


@policy.command()
@click.argument("name")
@json_option
def show(name: str, as_json: bool) -> None:
    """Show a policy: a published one, a timm policy string, or a JSON file.

    \b
    Example:
        autotrick policy show cifar10
    """
    from autotrick.cli.policy_files import show_policy

    show_policy(name, as_json=as_json)


@policy.command(name="import")
@click.argument("name", metavar="NAME_OR_FILE")
@_output
@click.option(
    "--epochs",
    type=click.IntRange(min=1),
    help="Number of epochs for which a PBA schedule was searched.",
)
def import_(name: str, output: Path, epochs: int | None) -> None:
    """Convert a policy of torchvision or timm, or one in a file, to a JSON file.

    Files may come from Fast AutoAugment (a list of sub-policies) or from PBA (a schedule, which becomes
    a policy_schedule).

    \b
    Example:
        autotrick policy import v0 -o v0.json
        autotrick policy import pba_cifar10.txt --epochs 200 -o schedule.json
    """
    from autotrick.cli.policy_files import imported

    click.echo(imported(name, output, epochs))
