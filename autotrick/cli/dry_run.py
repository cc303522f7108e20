"""What `search --dry-run` shows: decisions, plan, first recipes, design, and an estimate of the time."""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from functools import partial

import click

from autotrick.cli.options import RunOptions
from autotrick.cli.output import console, headed
from autotrick.cli.search_session import resources_of
from autotrick.cli.tables import print_rows, print_table
from autotrick.data import Facts, nearly_equal, warnings
from autotrick.data.cache import default_folder
from autotrick.errors import RecordsError
from autotrick.records import SearchSettings, check_study_name, open_database
from autotrick.space import OFF, SearchSpace, size, trials_of
from autotrick.tricks import peak_lr
from autotrick.tune.budget import limits_of
from autotrick.tune.forecast import Noise, measured_noise
from autotrick.tune.plan import Plan, trial_seconds
from autotrick.tune.preview import Outlook, Preview, outlook
from autotrick.tune.resources import Resources
from autotrick.tune.warm_start import warm_start_for
from autotrick.views import text
from autotrick.views.data import (
    data_sentence,
    data_table,
    many_weights,
    validation_sentence,
    weights_sentence,
)
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


_DESIGN = (
    Column[tuple[int, int, Mapping[str, str]]]("Trial", lambda row: row[0], numeric=True),
    Column[tuple[int, int, Mapping[str, str]]]("Half", lambda row: row[1] + 1, numeric=True),
    Column[tuple[int, int, Mapping[str, str]]]("Tricks", lambda row: row[2], lambda row: _on(row)),
)


_CLASSES = 12
"""Classes that are listed."""


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
    found = outlook(
        space,
        total,
        resources,
        warm_start=warm_start,
        seconds=_seconds(space, total, given),
        measured=partial(_measured, given.url),
    )
    for warning in resources.warnings(space.most("threads")):
        click.secho(warning, err=True, fg="yellow")
    _show(space, name, total, resources, found)
    cached = (resources.cache or default_folder()) / found.recipes[0].recipe.data.fingerprint
    console().print(f"The decoded data set is cached for the search: {cached}", soft_wrap=True)


def _show(space: SearchSpace, name: str, total: int, resources: Resources, found: Outlook) -> None:
    out, decided = console(), size(space)
    out.print(headed(space.question))
    out.print(
        f"{decided.decisions} decisions, {decided.conditional} of them conditional; study "
        f"{name!r}, {total} trials by {space.study.sampler}, {resources.slots()} at a time"
    )
    _show_data(found.facts)
    if found.plan:
        for line in _plan_lines(space, found.plan, found):
            out.print(line, soft_wrap=True)
    print_rows("The first recipes (times measured on a few updates here)", _COLUMNS, found.recipes)
    for said in _crowded(found):
        console(stderr=True).print(f"Data: {said}", style="yellow", soft_wrap=True)
    if found.plan and found.screen:
        first = found.plan.base_trials
        rows = zip(found.screen.halves, found.screen.levels, strict=True)
        design = [(first + i, half, levels) for i, (half, levels) in enumerate(rows)]
        print_rows("The screen: which tricks are on in which trial", _DESIGN, design)
    mean = sum(preview.seconds for preview in found.recipes) / len(found.recipes)
    whole = mean * total / resources.slots()
    out.print(f"All trials take about {text.duration(whole)} at most; pruning saves some of it.")
    out.print("No trial was run and nothing was recorded.")


def _crowded(found: Outlook) -> Iterator[str]:
    """Yield a sentence for each network that has very many weights for so few images."""
    told: set[int] = set()
    for row in found.recipes:
        pretrained = bool(row.recipe.architecture_settings.get("pretrained"))
        many = many_weights(row.parameters, found.facts, pretrained=pretrained)
        if many and row.parameters not in told:
            told.add(row.parameters)
            said = weights_sentence(row.parameters, found.facts, pretrained=False)
            yield f"{row.recipe.architecture} has {said}"


def _show_data(facts: Facts) -> None:
    """Show the images that a search would train and choose on."""
    out = console()
    print_table(data_sentence(facts), data_table(facts, limit=_CLASSES))
    if said := validation_sentence(facts):
        out.print(said, soft_wrap=True)
    for warning in (*warnings(facts), *nearly_equal(facts)):
        console(stderr=True).print(f"Data: {warning}", style="yellow", soft_wrap=True)


def _plan_lines(space: SearchSpace, plan: Plan, found: Outlook) -> Iterator[str]:
    """Yield a line for each phase of a plan."""
    count, epochs = plan.base_trials, found.recipes[0].recipe.epochs
    kinds = (
        ", one of them without tricks, the others with the published schedule" if count > 1 else ""
    )
    yield f"Base: {count} trial{'s' * (count > 1)} to choose the base from{kinds}."
    if "screen" in plan.phases:
        yield f"Screen: {_screen_line(space, plan, found, epochs)}"
    if "search" in plan.phases:
        yield "Search: the other trials, first with what the screen recommends."


def _screen_line(space: SearchSpace, plan: Plan, found: Outlook, epochs: int) -> str:
    most = plan.screen_trials - plan.base_trials
    if found.noise is None:
        return (
            f"at most {most} trials of {epochs} epochs; how precise it will be is not known before "
            "its first half."
        )
    if found.screen is None:
        return "none, because the time does not suffice for the smallest."
    metric, told = space.objective.metric, found.screen.widths
    unit = metric.difference_unit
    reach = "none can be told"
    if bounds := found.screen.range:
        low, high = (f"{bound:.2g}" for bound in bounds)
        reach = f"\u00b1{low}" if low == high else f"\u00b1{low} to {high}"
    return (
        f"{len(found.screen.levels)} trials of {epochs} epochs: {reach}{unit} for each of "
        f"{len(told)} tricks, about {_rounded(found.screen.seconds)}. It ends as soon as all are "
        f"within \u00b1{plan.precision:g}{unit}, after {most} trials at most. Assumed noise of a trial: "
        f"{found.noise.points:.2g}{unit} ({found.noise.source})."
    )


def _rounded(seconds: float) -> str:
    """Return a time in whole minutes, or in seconds below two minutes."""
    if seconds < 120:
        return f"{round(seconds)} seconds"
    return f"{round(seconds / 60)} minutes"


def _on(levels: Mapping[str, str]) -> str:
    return ", ".join(option for option in levels.values() if option != OFF) or "none"


def _seconds(space: SearchSpace, trials: int, given: RunOptions) -> float | None:
    """Return what all trials may take, summed over them."""
    settings = SearchSettings.model_validate({"trials": trials, **limits_of(space)})
    named = {
        "trial_hours": given.trial_hours,
        "cost_per_hour": given.cost_per_hour,
        "max_cost": given.max_cost,
    }
    settings = settings.model_copy(
        update={name: value for name, value in named.items() if value is not None}
    )
    budget = given.time_budget
    if budget is None and space.study.time_budget_min is not None:
        budget = 60 * space.study.time_budget_min
    return trial_seconds(settings, resources_of(given), budget)


def _measured(url: str, space: SearchSpace) -> Noise | None:
    """Return the noise that studies of the database had; None if there is no database yet."""
    with suppress(RecordsError), open_database(url, create=False) as database:
        return measured_noise(database, space)
    return None
