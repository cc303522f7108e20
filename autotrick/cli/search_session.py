"""What `search` and `resume` do between parsing and the final table."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import fields
from functools import partial
from typing import Any

import click

from autotrick import records
from autotrick.cli.progress import Watch, ended_trials, watching, watching_study
from autotrick.cli.search_outcome import print_outcome
from autotrick.errors import RecordsError
from autotrick.records import Database, StudyRow, checked_name, open_database
from autotrick.signals import ending
from autotrick.space import SearchSpace, trials_of
from autotrick.space.recorded import space_to_search
from autotrick.tune import Listener, Options, Resources, ready, resume, search
from autotrick.tune.loggers.mlflow import MLflow
from autotrick.tune.loggers.prometheus import each
from autotrick.tune.loggers.tensorboard import TensorBoard
from autotrick.tune.session import OUTAGE_S

RESOURCES = tuple(field.name for field in fields(Resources))
"""Options that say where and how trials run."""


def run_search(
    space: SearchSpace, study: str | None, trials: int | None, how: Mapping[str, Any]
) -> None:
    """Search a space with progress, then show the outcome."""
    name = checked_name(space.name if study is None else study)
    total = trials_of(space, trials)
    resources = Resources(**{key: how[key] for key in RESOURCES})
    # `ready` comes first: what is missing is reported before a database is created.
    with ready(space, resources), _patient(open_database(how["url"], late=True)) as database:
        known = {row.name: row for row in records.studies(database)}.get(name)
        if known and trials is None:
            total = known.budget["trials"]
        members = space.pruning.members(total)
        seen = ended_trials(known), known.best if known else None
        with watching(total, *seen, members=members, metric=space.objective.metric) as watch:
            watch.opening = f"{name} looks for {space.objective}"
            options = _options(how, watch, name)
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


def run_resume(study: str, how: Mapping[str, Any], given: set[str]) -> None:
    """Resume a study with progress, then show the outcome."""
    with _patient(open_database(how["url"], create=False)) as database:
        known = records.study(database, study)
        checked_name(known.name)  # it names folders, and others may have written it
        space_to_search(study, known.space)
        named = {key: how[key] for key in RESOURCES if key in given}
        resources = Resources.of_study(study, known.budget.get("resources"), named)
        with watching_study(known) as watch:
            watch.opening = f"{study} looks for {known.objective}"
            options = _options(how, watch, study)
            with _resumable(database, study):
                row = resume(database, study, resources=resources, options=options)
        print_outcome(database, row)
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
    with database, records.patient(database, OUTAGE_S, partial(click.echo, err=True)):
        yield database


def _listener(watch: Watch, how: Mapping[str, Any], study: str) -> Listener:
    """Return what receives the search's events: the progress display, and the loggers asked for."""
    more: list[Listener] = []
    if how["tensorboard"] is not None:
        more.append(TensorBoard(how["tensorboard"], study))
    if how["mlflow"] is not None:
        more.append(MLflow(how["mlflow"], study, notice=watch.note))
    return each(watch, *more) if more else watch


def _options(how: Mapping[str, Any], watch: Watch, study: str) -> Options:
    names = ("trial_hours", "cost_per_hour", "max_cost")
    return Options(
        time_budget_s=how["time_budget"],
        spending={name: how[name] for name in names if how[name] is not None},
        listener=_listener(watch, how, study),
        notice=watch.note,
    )
