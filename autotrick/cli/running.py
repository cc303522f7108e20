"""What `search` and `resume` do between parsing and the final table."""

import time
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import fields
from functools import partial
from typing import Any

import click

from autotrick import records
from autotrick.cli.output import (
    console,
    counts_text,
    duration,
    headed,
    tricks_text,
)
from autotrick.cli.progress import Watch, watching
from autotrick.cli.ranking import print_best
from autotrick.cli.tables import print_table
from autotrick.cli.versions import say
from autotrick.errors import NotFoundError, RecordsError
from autotrick.measures import worded
from autotrick.records import (
    FINAL_STATES,
    Database,
    StudyRow,
    best,
    checked_name,
    open_database,
    pareto,
)
from autotrick.signals import ending
from autotrick.space import SearchSpace, size, trials_of
from autotrick.space.recorded import recorded_pruning, recorded_space, space_to_search
from autotrick.tricks import peak_lr
from autotrick.tune import Listener, Options, Resources, ready, resume, search
from autotrick.tune.follow import Follower
from autotrick.tune.loggers.mlflow import MLflow
from autotrick.tune.loggers.prometheus import each
from autotrick.tune.loggers.tensorboard import TensorBoard
from autotrick.tune.session import OUTAGE_S, STALE_S

PAUSE_S = 1.0
"""Between two looks at a study that another process searches."""
_RESOURCES = tuple(field.name for field in fields(Resources))


def search_and_show(
    space: SearchSpace, study: str | None, trials: int | None, how: Mapping[str, Any]
) -> None:
    """Search with progress, then show the leaderboard."""
    name = checked_name(space.name if study is None else study)
    total = trials_of(space, trials)
    resources = Resources(**{key: how[key] for key in _RESOURCES})
    # What is missing is found missing before a database is made.
    with ready(space, resources), _waited_for(open_database(how["url"], late=True)) as database:
        known = {row.name: row for row in records.studies(database)}.get(name)
        if known and trials is None:
            total = known.budget["trials"]
        members = space.pruning.members(total)
        seen = _ended(known), known.best if known else None
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
        _show(database, row)
        _leave(row)


def resume_and_show(study: str, how: Mapping[str, Any], given: set[str]) -> None:
    """Resume with progress, then show the leaderboard."""
    with _waited_for(open_database(how["url"], create=False)) as database:
        known = records.study(database, study)
        checked_name(known.name)  # it names folders, and others may have written it
        space_to_search(study, known.space)
        named = {key: how[key] for key in _RESOURCES if key in given}
        resources = Resources.of_study(study, known.budget.get("resources"), named)
        with _watching_row(known) as watch:
            watch.opening = f"{study} looks for {known.objective}"
            options = _options(how, watch, study)
            with _resumable(database, study):
                row = resume(database, study, resources=resources, options=options)
        _show(database, row)
        _leave(row)


@contextmanager
def _resumable(database: Database, study: str) -> Iterator[None]:
    """Say how to go on where a signal ends a search at once, and the study is on record."""
    try:
        yield
    except KeyboardInterrupt:
        with suppress(RecordsError):
            records.study(database, study)
            click.echo(f"\nNothing is lost: autotrick resume {study}", err=True)
        raise


def _leave(row: StudyRow) -> None:
    """Exit with the status of a signal that has ended the search before its time."""
    with ending() as asked:
        if asked.signal and row.state != "complete":
            click.get_current_context().exit(asked.status)


@contextmanager
def _waited_for(database: Database) -> Iterator[Database]:
    """Wait for a server that goes away, from the first question to the last."""
    with database, records.patient(database, OUTAGE_S, partial(click.echo, err=True)):
        yield database


def _told(watch: Watch, how: Mapping[str, Any], study: str) -> Listener:
    """Return who is told what happens: the one who watches, and what else is asked for."""
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
        listener=_told(watch, how, study),
        notice=watch.note,
    )


def follow_and_show(study: str, url: str, *, wait_s: float) -> None:
    """Show a search that another process conducts, until it ends, then the leaderboard."""
    limit = time.monotonic() + wait_s
    with _await_database(url, limit) as database:
        row = _await_driver(database, study, limit)
        follower = Follower.of(database, row)
        with _watching_row(row) as watch:
            while True:
                row = records.study(database, study)
                watch.total = row.budget["trials"]
                for event in follower.news():
                    watch(event)
                if not _driven(database, row):
                    break
                time.sleep(PAUSE_S)
        _show(database, row)
        say(database, row)
    if row.owner:
        raise RecordsError(
            f"the search of {study!r} ({row.owner}) has died. Nothing is lost: "
            f"autotrick resume {study}"
        )


def _await_database(url: str, limit: float) -> Database:
    """Open the database as soon as it is there, or fail when the time is over."""
    while time.monotonic() < limit:
        with suppress(RecordsError):
            return open_database(url, create=False, unread=[])
        time.sleep(PAUSE_S)
    return open_database(url, create=False, unread=[])


def _await_driver(database: Database, study: str, limit: float) -> StudyRow:
    """Return the study as soon as somebody searches it, or when the time is over."""
    while time.monotonic() < limit:
        with suppress(NotFoundError):
            row = records.study(database, study)
            if _driven(database, row):
                return row
        time.sleep(PAUSE_S)
    return records.study(database, study)


def _driven(database: Database, row: StudyRow) -> bool:
    return records.drives(row.owner, row.heartbeat, stale_after=STALE_S, now=database.clock())


def _watching_row(row: StudyRow) -> AbstractContextManager[Watch]:
    """Watch a study that is on record."""
    total = row.budget["trials"]
    pruning = recorded_pruning(row.space)
    members = pruning.members(total) if pruning else 0
    return watching(total, _ended(row), row.best, members=members, metric=row.value_metric)


def _ended(study: StudyRow | None) -> int:
    return sum(study.counts[state] for state in FINAL_STATES) if study else 0


def _show(database: Database, row: StudyRow) -> None:
    several = row.objective.several
    rows = pareto(database, row.name) if several else best(database, row.name, limit=5)
    print_best(row.name, row.objective, rows, note=f" ({counts_text(row)})")
    click.echo(_end_line(database, row))
    if refused := _refused_line(database, row):
        click.echo(refused)
    left = row.budget["trials"] - _ended(row)
    if left and row.state != "complete":
        where = " (or submit its space again)" if _sent(row) else ""
        click.echo(f"{left} trials are left: autotrick resume {row.name}{where}")
    else:
        click.echo(f"What helped: autotrick tricks {row.name}")
        click.echo(f"Look at it:  autotrick report {row.name} -o {row.name}.html")


def _sent(row: StudyRow) -> bool:
    """Return whether a study was searched from within a cluster, as `submit` does."""
    return bool(row.budget.get("resources", {}).get("address") == "auto")


def _end_line(database: Database, row: StudyRow) -> str:
    """Return what ended the search, and what the study has spent."""
    hours = records.trial_hours(database, row.id)
    spent = f"{hours:.2f} trial-hours"
    price = row.budget.get("cost_per_hour")
    if price is not None:
        spent += f", cost {price * hours:.2f}"
    return f"Ended: {row.ended or 'its driver was lost'}. The study has taken {spent}."


def _refused_line(database: Database, row: StudyRow) -> str:
    """Return how many proposals broke which constraint; empty where none did."""
    counts = records.refused(database, row.name)
    if not counts:
        return ""
    space, _ = recorded_space(row.space)
    bounds = space.constraints.bounds if space else {}
    parts = (
        f"{count} over {name} <= {worded(name, bounds[name])}"
        if name in bounds
        else f"{count} over {name}"
        for name, count in counts.items()
    )
    total = sum(counts.values())
    return f"{total} proposals were turned away before training: {', '.join(parts)}."


def plan(space: SearchSpace, study: str | None, trials: int | None, how: Mapping[str, Any]) -> None:
    """Show what a search would do: its decisions, its first recipes and what they would cost."""
    from autotrick.data.cache import default_folder
    from autotrick.tune.plan import first_recipes
    from autotrick.tune.warm_start import taken_over

    name = checked_name(space.name if study is None else study)
    resources = Resources(**{key: how[key] for key in _RESOURCES})
    total = trials_of(space, trials)
    warm_start = None
    if space.study.warm_start or space.study.enqueue:
        with open_database(how["url"], create=False) as database:
            warm_start = taken_over(database, space, name)
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
    columns = (">trial", "origin", "architecture", ">weights", ">time, all epochs", ">lr", "tricks")
    cells = (
        (
            str(preview.number),
            preview.origin,
            preview.recipe.architecture,
            f"{preview.parameters:,}",
            f"{preview.seconds:.0f} s",
            f"{peak_lr(preview.recipe):.3g}",
            tricks_text(preview.recipe),
        )
        for preview in previews
    )
    print_table("The first recipes (times measured on a few updates here)", columns, cells)
    mean = sum(preview.seconds for preview in previews) / len(previews)
    whole = mean * total / resources.slots()
    out.print(f"At most about {duration(whole)} for all trials, less what is pruned.")
    out.print("No trial was run and nothing was recorded.")
    cached = (resources.cache or default_folder()) / previews[0].recipe.data.fingerprint
    out.print(f"The decoded data set is cached, and a search finds it: {cached}", soft_wrap=True)
