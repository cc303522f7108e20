"""Sending a search to a cluster."""

from pathlib import Path
from typing import Any

import click

from autotrick.cli.options import Duration
from autotrick.cli.searching import search
from autotrick.errors import ResourceError

_OWN = ("study", "url", "address", "storage", "data_dir", "dry_run")
"""Options of `search` that mean something else here, or nothing."""


@click.command()
@click.argument("space", type=click.Path(path_type=Path))
@click.option(
    "--address",
    metavar="HTTP",
    required=True,
    help="The cluster's dashboard: http://HEAD:8265.",
)
@click.option("--study", metavar="NAME", help="Name of the study.  [default: the space's]")
@click.option(
    "--database",
    "url",
    metavar="URL",
    help="As the cluster reaches it, without a password, or @FILE on the head that holds the URL.  "
    "[default: AUTOTRICK_DATABASE of the head]",
)
@click.option(
    "--storage",
    metavar="PLACE",
    required=True,
    help="Folder for checkpoints, from the root on, or a URL as s3://BUCKET/FILES.",
)
@click.option("--data-dir", metavar="DIR", help="Where the cluster finds data sets.")
@click.pass_context
def submit(
    ctx: click.Context,
    /,
    space: Path,
    address: str,
    study: str | None,
    url: str | None,
    **how: Any,
) -> None:
    """Send the search of the space in the file SPACE to a cluster, so that this machine can go.

    autotrick has to be installed on the cluster. Submitting once more goes on with the study.

    \b
    Example:
        autotrick submit search_spaces/quickstart.toml --address http://head:8265 --storage /shared/files
    """
    from autotrick import space as spaces
    from autotrick.records import checked_name
    from autotrick.tune.submit import Submission, submit

    loaded = spaces.load(space)
    name = checked_name(loaded.name if study is None else study)
    words = _given(ctx)
    for option, place in (("storage", how["storage"]), ("data-dir", how["data_dir"])):
        if place is not None:
            words += [f"--{option}", _rooted(option, place)]
    submission = Submission(space=space, study=name, words=words, database=url)
    job = submit(address, submission)
    click.echo(f"The cluster searches {name} as job {job}.")
    click.echo(f"Follow it: autotrick follow {name} --wait 2m")
    click.echo(f"Stop it:   autotrick stop {name}")


submit.params += [
    option
    for option in search.params
    if isinstance(option, click.Option) and option.name not in _OWN
]


def _rooted(option: str, place: str) -> str:
    """Return a place that means the same wherever the cluster runs the search.

    Raises:
        ResourceError: It is a relative path.
    """
    if "://" not in place and not Path(place).is_absolute():
        raise ResourceError(
            f"--{option} must be a path from the root on, as the cluster's nodes see it, but got "
            f"{place!r}."
        )
    return place


def _given(ctx: click.Context) -> list[str]:
    """Return the words of those options of `search` that were given."""
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
    return f"{value:g}s" if isinstance(option.type, Duration) else str(value)
