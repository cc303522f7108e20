"""`autotrick transfer`."""

from typing import Any

import click

from autotrick.cli.options import RunOptions, json_option, resource_options


@click.command()
@click.argument("study")
@click.option(
    "--data",
    "words",
    multiple=True,
    metavar="DATA",
    help="Data set, or space file whose data are used; may be given several times. Without it, show what "
    "is recorded.",
)
@json_option
@resource_options
@click.pass_context
def transfer(
    ctx: click.Context, /, study: str, words: tuple[str, ...], as_json: bool, **options: Any
) -> None:
    """Repeat the screen of STUDY on other data, and show which tricks carry over.

    Each data set becomes a study of its own, STUDY_on_DATA, with the same recipes and seeds. A data set that
    is given by name gets the image size and the split of STUDY; a space file says its own. Tricks that do not
    suit the images are left out. After a kill or Ctrl-C, the same command or `autotrick resume` goes on.

    \b
    Example:
        autotrick transfer fashion_mnist_tricks --data kmnist --data mnist
    """
    from autotrick.cli.transfer_matrix import print_matrix, repeat_screen

    given = RunOptions(**options)
    default = click.core.ParameterSource.DEFAULT
    named = {key for key in options if ctx.get_parameter_source(key) is not default}
    for word in words:
        if not repeat_screen(study, word, given, named):
            return
    print_matrix(study, given.url, as_json=as_json)
