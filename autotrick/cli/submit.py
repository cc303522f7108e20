"""`autotrick submit`."""

from pathlib import Path
from typing import Any

import click

from autotrick.cli.options import Duration
from autotrick.cli.search import search
from autotrick.errors import ResourceError
from autotrick.observing import NOTHING

_OWN = ("study", "url", "address", "storage", "data_dir", "dry_run")
"""Options of `search` that mean something else here, or do not apply."""


@click.command()
@click.argument("space", type=click.Path(path_type=Path))
@click.option(
    "--address",
    metavar="HTTP",
    required=True,
    help="Address of the cluster's Ray dashboard: http://HEAD:8265.",
)
@click.option("--study", metavar="NAME", help="Name of the study.  [default: the space's]")
@click.option(
    "--database",
    "url",
    metavar="URL",
    help="Results database as the cluster reaches it: a URL without a password, or @FILE on the head node "
    "with the URL in it.  [default: AUTOTRICK_DATABASE of the head node]",
)
@click.option(
    "--storage",
    metavar="PLACE",
    required=True,
    help="Absolute path of a folder, or URL (s3://BUCKET/FILES), for checkpoints.",
)
@click.option("--data-dir", metavar="DIR", help="Folder that holds the data sets on the cluster.")
@click.pass_context
def submit(  # noqa: PLR0913 -- click passes options one by one
    ctx: click.Context,
    /,
    space: Path,
    address: str,
    study: str | None,
    url: str | None,
    storage: str,
    data_dir: str | None,
    **_: Any,
) -> None:
    """Run the search of SPACE, a file or the name of a packaged space, on a Ray cluster. This machine may then disconnect.

    autotrick must be installed on the cluster. Submitting the same space again continues the study.

    \b
    Example:
        autotrick submit quickstart --address http://head:8265 --storage /shared/files
    """
    from autotrick import space as spaces
    from autotrick.records import check_study_name
    from autotrick.tune.submit import Submission, submit

    space = spaces.find_space(space)
    loaded = spaces.load(space)
    name = check_study_name(loaded.name if study is None else study)
    words = _given(ctx)
    for option, place in (("storage", storage), ("data-dir", data_dir)):
        if place is not None:
            words += [f"--{option}", _rooted(option, place)]
    submission = Submission(space=space, study=name, words=words, database=url)
    job = submit(address, submission)
    click.echo(f"The cluster searches {name} as job {job}.")
    click.echo(f"Watch it: autotrick follow {name} --wait 2m")
    click.echo(f"Stop it:  autotrick stop {name}")


submit.params += [
    option
    for option in search.params
    if isinstance(option, click.Option) and option.name not in _OWN
]


def _rooted(option: str, place: str) -> str:
    """Return a path or URL that means the same on every node of the cluster.

    Raises:
        ResourceError: It is a relative path.
    """
    if "://" not in place and not Path(place).is_absolute():
        raise ResourceError(
            f"--{option} must be an absolute path, as the cluster's nodes see it, but got {place!r}."
        )
    return place


def _given(ctx: click.Context) -> list[str]:
    """Return the options of `search` that were given, as words of a command line."""
    words: list[str] = []
    for option in search.params:
        name = option.name or ""
        given = ctx.get_parameter_source(name) is click.core.ParameterSource.COMMANDLINE
        if not given or name in _OWN or not isinstance(option, click.Option):
            continue
        value = ctx.params[name]
        for each in value if option.multiple else (value,):
            words += [option.opts[0]] if option.is_flag else [option.opts[0], _word(option, each)]
    return words


def _word(option: click.Option, value: Any) -> str:
    if isinstance(value, tuple):
        return ",".join(value) or NOTHING
    return f"{value:g}s" if isinstance(option.type, Duration) else str(value)
