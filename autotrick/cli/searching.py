"""Commands that search; only they and `reproduce` load torch and ray."""

from pathlib import Path
from typing import Any

import click

from autotrick.cli.options import MOST, resource_options
from autotrick.cli.output import console


@click.command()
@click.argument("space", type=click.Path(path_type=Path))
@click.option("--study", metavar="NAME", help="Name of the study.  [default: the space's]")
@click.option(
    "--trials", type=click.IntRange(1, MOST), help="Trials in all.  [default: the space's]"
)
@click.option(
    "--sampler",
    metavar="NAME",
    help="Who proposes recipes: tpe, gp, cmaes, nsga2 or nsga3, which learn; random or qmc, which do "
    "not; grid, every recipe once.  [default: the space's]",
)
@click.option(
    "--warm-start",
    metavar="STUDY",
    multiple=True,
    help="Learn from an earlier study's trials, and try its best recipe early; may be repeated.",
)
@click.option(
    "--enqueue",
    metavar="STUDY:TRIAL",
    multiple=True,
    help="Try the recipe of an earlier study's trial early; may be repeated.",
)
@click.option("--dry-run", is_flag=True, help="Check everything, show the first recipes; run none.")
@resource_options
def search(
    space: Path,
    study: str | None,
    trials: int | None,
    dry_run: bool,
    **how: Any,
) -> None:
    """Search the space in the file SPACE; go on if the study is there already.

    Ctrl-C, SIGTERM and a closed terminal (SIGHUP) end a search in order. While trials are left the
    exit status is then 130, 143 or 129, and `autotrick resume` goes on.

    \b
    Example:
        autotrick search search_spaces/quickstart.toml --trials 12
    """
    from autotrick import space as spaces
    from autotrick.cli.running import plan, search_and_show

    changes = {key: how.pop(key) for key in ("sampler", "warm_start", "enqueue")}
    loaded = spaces.load(space)
    loaded = loaded.with_study(**{key: value for key, value in changes.items() if value})
    for warning in loaded.warnings():
        console(stderr=True).print(warning, style="yellow", soft_wrap=True)
    if dry_run:
        plan(loaded, study, trials, how)
    else:
        search_and_show(loaded, study, trials, how)


@click.command()
@click.argument("study")
@resource_options
@click.pass_context
def resume(ctx: click.Context, /, study: str, **how: Any) -> None:
    """Finish STUDY after a kill, a time budget or Ctrl-C; nothing is run twice.

    Options that are not given are those of the search. Signals end it as they end a search.

    \b
    Example:
        autotrick resume fashion_mnist_tricks
    """
    from autotrick.cli.running import resume_and_show

    given = {
        name
        for name in how
        if ctx.get_parameter_source(name) is not click.core.ParameterSource.DEFAULT
    }
    resume_and_show(study, how, given)
