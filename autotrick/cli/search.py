"""`autotrick search`."""

from pathlib import Path
from typing import Any

import click

from autotrick.cli.options import MOST, RunOptions, resource_options
from autotrick.cli.output import announce, console
from autotrick.cli.space_file import load_space


@click.command()
@click.argument("space", type=click.Path(path_type=Path))
@click.option("--study", metavar="NAME", help="Name of the study.  [default: the space's]")
@click.option(
    "--trials", type=click.IntRange(1, MOST), help="Total number of trials.  [default: the space's]"
)
@click.option(
    "--sampler",
    metavar="NAME",
    help="Algorithm that proposes recipes. tpe, bayes, gp, cmaes, nsga2 and nsga3 learn from earlier "
    "trials; random and qmc do not; grid tries every recipe once.  [default: the space's]",
)
@click.option(
    "--plan",
    metavar="PHASES",
    help="Phases of the study, separated by commas: base, screen, search.  [default: the space's; all "
    "three for five tricks or more]",
)
@click.option(
    "--warm-start",
    metavar="STUDY",
    multiple=True,
    help="Learn from the trials of an earlier study, and try its best recipe early. May be repeated.",
)
@click.option(
    "--enqueue",
    metavar="STUDY:TRIAL",
    multiple=True,
    help="Try the recipe of this trial of an earlier study early. May be repeated.",
)
@click.option(
    "--dry-run",
    is_flag=True,
    help="Check everything and show the plan and the first recipes, but run no trial.",
)
@resource_options
def search(  # noqa: PLR0913 -- click passes options one by one
    space: Path,
    study: str | None,
    trials: int | None,
    sampler: str | None,
    plan: str | None,
    warm_start: tuple[str, ...],
    enqueue: tuple[str, ...],
    dry_run: bool,
    **options: Any,
) -> None:
    """Search SPACE: a file, or the name of a packaged space such as quickstart.

    An existing study of that name is continued.

    With five tricks or more the search is an experiment in three phases: a good base (rate, batch size,
    network), a screen that tells the effects of the tricks apart around it, and a search for the best combination.

    Ctrl-C, SIGTERM and closing the terminal (SIGHUP) stop a search cleanly. If trials are left, the exit
    status is then 130, 143 or 129, and `autotrick resume` continues the search.

    \b
    Example:
        autotrick search quickstart --trials 12
    """
    changes = {
        "sampler": sampler,
        "plan": tuple(plan.split(",")) if plan else None,
        "warm_start": warm_start,
        "enqueue": enqueue,
    }
    search_or_show(space, study, trials, changes, dry_run=dry_run, options=options)


def search_or_show(
    space: Path,
    study: str | None,
    trials: int | None,
    changes: dict[str, Any],
    *,
    dry_run: bool,
    options: dict[str, Any],
) -> None:
    """Search a space, or show what that would do.

    Args:
        changes: Settings of `[study]` that the command line names.
        options: Those of `resource_options`.
    """
    loaded = load_space(space, options["data_dir"])
    loaded = loaded.with_study(**{key: value for key, value in changes.items() if value})
    for warning in loaded.warnings():
        console(stderr=True).print(warning, style="yellow", soft_wrap=True)
    if dry_run:
        announce("Loading PyTorch")
        from autotrick.cli.dry_run import show_plan

        show_plan(loaded, study, trials, RunOptions(**options))
    else:
        announce("Loading PyTorch and Ray")
        from autotrick.cli.search_session import run_search

        run_search(loaded, study, trials, RunOptions(**options))
