"""What `search`, `run` and `resume` do between parsing and the final table."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import fields
from functools import partial
from typing import Protocol

import click

from autotrick import records
from autotrick.analysis.confirmation import PURPOSE
from autotrick.cli.options import RunOptions
from autotrick.cli.progress import Watch, ended_trials, watching, watching_study
from autotrick.cli.search_outcome import print_outcome
from autotrick.errors import RecordsError
from autotrick.recipe import Recipe
from autotrick.records import Database, StudyRow, check_study_name, open_database
from autotrick.signals import ending
from autotrick.space import SearchSpace, trials_of
from autotrick.space.recorded import space_to_search
from autotrick.tune import Listener, Options, Resources, ready, resume, search
from autotrick.tune.budget import Spending
from autotrick.tune.loggers.mlflow import MLflow
from autotrick.tune.loggers.prometheus import each
from autotrick.tune.loggers.tensorboard import TensorBoard
from autotrick.tune.plan import Plan, plan_for, plan_of, tricks_to_decide
from autotrick.tune.recipe_study import run_recipes
from autotrick.tune.session import OUTAGE_S

RESOURCES = tuple(field.name for field in fields(Resources))
"""The options that say where and how trials run."""


def resources_of(given: RunOptions) -> Resources:
    """Return the resources that the options of a search name."""
    return Resources(**{name: getattr(given, name) for name in RESOURCES})


def run_search(
    space: SearchSpace, study: str | None, trials: int | None, given: RunOptions
) -> None:
    """Search a space with progress, then show the outcome."""
    name = check_study_name(space.name if study is None else study)
    total = trials_of(space, trials)
    resources = resources_of(given)
    # `ready` comes first: what is missing is reported before a database is created.
    with ready(space, resources), _patient(open_database(given.url, late=True)) as database:
        known = {row.name: row for row in records.studies(database)}.get(name)
        if known and trials is None:
            total = known.settings.trials
        members = space.pruning.members(total)
        seen = ended_trials(known), known.best if known else None
        with watching(total, *seen, members=members, metric=space.objective.metric) as watch:
            plan = plan_of(known) if known else plan_for(space, total)
            watch.opening = f"{name} looks for {space.objective}{_phases(space, plan)}"
            options = _options(given, watch, name)
            with _resumable(database, name):
                row = search(
                    space,
                    database,
                    study=study,
                    trials=trials,
                    resources=resources,
                    options=options,
                )
        print_outcome(database, row)
        _leave(row)


def run_list(
    recipes: Mapping[str, Recipe | str],
    study: str,
    seeds: Sequence[int],
    parent: str | None,
    given: RunOptions,
) -> None:
    """Train a list of recipes with progress, then show the outcome.

    Args:
        recipes: By label; a text is a recorded trial, as STUDY:TRIAL.
        seeds: Every recipe is trained with each of them.
        parent: The study that this one belongs to; None for none.
    """
    with _patient(open_database(given.url, late=True)) as database:
        known = {row.name: row for row in records.studies(database)}.get(check_study_name(study))
        total = len(recipes) * len(seeds)
        with watching(total, ended_trials(known), known.best if known else None) as watch:
            watch.opening = f"{study} trains {len(recipes)} recipes with {len(seeds)} seeds each"
            options = _options(given, watch, study)
            with _resumable(database, study):
                row = run_recipes(
                    recipes,
                    database,
                    name=study,
                    seeds=seeds,
                    parent=parent,
                    resources=resources_of(given),
                    options=options,
                )
        print_outcome(database, row)
        _leave(row)


def run_resume(study: str, given: RunOptions, named: set[str]) -> None:
    """Resume a study with progress, then show the outcome.

    Args:
        named: Options that the command line names; the study's own hold for the others.
    """
    with _patient(open_database(given.url, create=False)) as database:
        known = records.study(database, study)
        check_study_name(known.name)  # it names folders, and others may have written it
        space = space_to_search(study, known.space)
        changed = {name: getattr(given, name) for name in RESOURCES if name in named}
        resources = Resources.of_study(study, known.settings.resources, changed)
        with watching_study(known) as watch:
            phases = _phases(space, plan_of(known))
            watch.opening = f"{study} looks for {known.objective}{phases}"
            options = _options(given, watch, study)
            with _resumable(database, study):
                row = resume(database, study, resources=resources, options=options)
        if row.purpose == PURPOSE:
            from autotrick.cli.confirmation import print_confirmation

            print_confirmation(database, row)
        else:
            print_outcome(database, row)
        _leave(row)


def _phases(space: SearchSpace, plan: Plan | None) -> str:
    """Return the phases of a plan, as the end of a line; empty without one."""
    if plan is None:
        return ""
    said = {
        "base": f"a base ({plan.base_trials} trials)",
        "screen": f"a screen of {tricks_to_decide(space)} tricks",
        "search": "a search",
    }
    return ": " + ", then ".join(said[phase] for phase in plan.phases)


class Begin(Protocol):
    """Begins a study that belongs to another one, or finishes it."""

    def __call__(
        self, database: Database, *, resources: Resources, options: Options
    ) -> StudyRow: ...


def run_child(  # noqa: PLR0913 -- what such a study is, and how it runs
    study: str,
    parent: str,
    given: RunOptions,
    named: set[str],
    opening: str,
    most_trials: Callable[[Database], int],
    begin: Begin,
    show: Callable[[Database, StudyRow], None],
) -> None:
    """Run a study that belongs to another one with progress, then show what it came to.

    Args:
        study: Its name; if it is recorded, it is finished with its own resources.
        parent: Name of the other study.
        named: Options that the command line names; a recorded study's own hold for the others.
        opening: A line to print before the first event.
        most_trials: Returns how many trials a new one has at most.
        show: Prints the study after that.
    """
    with _patient(open_database(given.url, create=False)) as database:
        known = {row.name: row for row in records.studies(database)}.get(check_study_name(study))
        if known:
            changed = {name: getattr(given, name) for name in RESOURCES if name in named}
            resources = Resources.of_study(study, known.settings.resources, changed)
            watcher = watching_study(known)
        else:
            resources = resources_of(given)
            metric = records.study(database, parent).value_metric
            watcher = watching(most_trials(database), 0, None, metric=metric)
        with watcher as watch:
            watch.opening = opening
            options = _options(given, watch, study)
            with _resumable(database, study):
                row = begin(database, resources=resources, options=options)
        show(database, row)
        if row.state != "complete":
            why = row.ended or "its driver was lost"
            click.echo(f"Ended before it was finished: {why}. Go on: autotrick resume {study}")
        _leave(row)


@contextmanager
def _resumable(database: Database, study: str) -> Iterator[None]:
    """Say how to continue a recorded study when a signal ends the search at once."""
    try:
        yield
    except KeyboardInterrupt:
        with suppress(RecordsError):
            records.study(database, study)
            click.echo(f"\nNothing is lost: autotrick resume {study}", err=True)
        raise


def _leave(row: StudyRow) -> None:
    """Exit with the status of the signal that stopped the search early, if one did."""
    with ending() as asked:
        if asked.signal and row.state != "complete":
            click.get_current_context().exit(asked.status)


@contextmanager
def _patient(database: Database) -> Iterator[Database]:
    """Keep waiting for a database server that goes away, until the search has ended."""
    with database, records.retrying(database, OUTAGE_S, partial(click.echo, err=True)):
        yield database


def _listener(watch: Watch, given: RunOptions, study: str) -> Listener:
    """Return what receives the search's events: the progress display, and the loggers asked for."""
    more: list[Listener] = []
    if given.tensorboard is not None:
        more.append(TensorBoard(given.tensorboard, study))
    if given.mlflow is not None:
        more.append(MLflow(given.mlflow, study, notice=watch.note))
    return each(watch, *more) if more else watch


def _options(given: RunOptions, watch: Watch, study: str) -> Options:
    return Options(
        time_budget_s=given.time_budget,
        spending=Spending(
            trial_hours=given.trial_hours,
            cost_per_hour=given.cost_per_hour,
            max_cost=given.max_cost,
        ),
        listener=_listener(watch, given, study),
        notice=watch.note,
    )
