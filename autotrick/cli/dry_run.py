"""What `search --dry-run` shows: the decisions, the first recipes, and an estimate of the time."""

import click

from autotrick.cli.options import RunOptions
from autotrick.cli.output import console, headed
from autotrick.cli.search_session import resources_of
from autotrick.cli.tables import print_rows
from autotrick.data.cache import default_folder
from autotrick.records import check_study_name, open_database
from autotrick.space import SearchSpace, size, trials_of
from autotrick.tricks import peak_lr
from autotrick.tune.preview import Preview, first_recipes
from autotrick.tune.warm_start import warm_start_for
from autotrick.views import text
from autotrick.views.table import Column

_COLUMNS = (
    Column[Preview]("Trial", lambda row: row.number, numeric=True),
    Column[Preview]("Origin", lambda row: row.origin),
    Column[Preview]("Architecture", lambda row: row.recipe.architecture),
    Column[Preview]("Weights", lambda row: row.parameters, text.number, numeric=True),
    Column[Preview]("Time, all epochs", lambda row: row.seconds, text.duration, numeric=True),
    Column[Preview]("LR", lambda row: peak_lr(row.recipe), text.rate, numeric=True),
    Column[Preview]("Tricks", lambda row: row.recipe, text.tricks_with_settings),
)


def show_plan(space: SearchSpace, study: str | None, trials: int | None, given: RunOptions) -> None:
    """Show what a search would do, without recording anything.

    Raises:
        SpaceError: The space or a recipe of it cannot be trained.
        NotFoundError: A study or trial that the space names is not in the database.
    """
    name = check_study_name(space.name if study is None else study)
    resources = resources_of(given)
    total = trials_of(space, trials)
    warm_start = None
    if space.study.warm_start or space.study.enqueue:
        with open_database(given.url, create=False) as database:
            warm_start = warm_start_for(database, space, name)
    waiting = console(stderr=True)
    if waiting.is_terminal:
        waiting.print("Measuring the first recipes ...", style="dim")
    previews = first_recipes(space, total, resources, warm_start)
    for warning in resources.warnings(space.most("threads")):
        click.secho(warning, err=True, fg="yellow")
    found = size(space)
    out = console()
    out.print(headed(space.question))
    out.print(
        f"{found.decisions} decisions, {found.conditional} of them conditional; study "
        f"{name!r}, {total} trials by {space.study.sampler}, {resources.slots()} at a time"
    )
    print_rows("The first recipes (times measured on a few updates here)", _COLUMNS, previews)
    mean = sum(preview.seconds for preview in previews) / len(previews)
    whole = mean * total / resources.slots()
    out.print(f"All trials take about {text.duration(whole)} at most; pruning saves some of it.")
    out.print("No trial was run and nothing was recorded.")
    cached = (resources.cache or default_folder()) / previews[0].recipe.data.fingerprint
    out.print(f"The decoded data set is cached for the search: {cached}", soft_wrap=True)
