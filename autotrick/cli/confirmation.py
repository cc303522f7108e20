"""What `confirm` does between parsing and the final table, and how a confirmation is printed."""

from contextlib import suppress
from typing import Any

import click

from autotrick import records
from autotrick.analysis.confirmation import Confirmation, sentences
from autotrick.cli.options import RunOptions
from autotrick.cli.output import print_json
from autotrick.cli.progress import ended_trials, watching
from autotrick.cli.search_session import (
    RESOURCES,
    exit_as_signalled,
    options_of,
    patient,
    resumable,
)
from autotrick.cli.tables import print_rows
from autotrick.errors import NotFoundError
from autotrick.records import Database, StudyRow, open_database
from autotrick.tune import Resources
from autotrick.tune.confirm import confirm, confirmation_name, result_of
from autotrick.views.confirmation import columns, confirmation_json


def run_confirmation(
    study: str, given: RunOptions, named: set[str], *, as_json: bool, **asked: Any
) -> None:
    """Confirm a study with progress, then show what that came to.

    Args:
        named: Options that the command line names; the study's own hold for the others.
        asked: Arguments of `autotrick.tune.confirm.confirm`.
    """
    with patient(open_database(given.url, create=False)) as database:
        name = asked["name"] or confirmation_name(study)
        known = _known(database, name)
        row = known or records.study(database, study)
        changed = {option: getattr(given, option) for option in RESOURCES if option in named}
        resources = Resources.of_study(row.name, row.settings.resources, changed)
        total = (
            known.settings.trials if known else ((asked["top"] or 3) + 1) * (asked["seeds"] or 5)
        )
        seen = ended_trials(known), known.best if known else None
        with watching(total, *seen, metric=row.value_metric) as watch:
            watch.opening = f"{name} confirms the best recipes of {study}"
            options = options_of(given, watch, name)
            with resumable(database, name):
                found = confirm(database, study, resources=resources, options=options, **asked)
        print_confirmation(found, as_json=as_json)
        row = records.study(database, name)
        if row.state != "complete" and not as_json:
            click.echo(f"It is not finished: autotrick resume {name}")
        exit_as_signalled(row)


def show_confirmation(database: Database, row: StudyRow) -> None:
    """Print what the confirmation of that study came to."""
    print_confirmation(result_of(database, row), as_json=False)


def print_confirmation(found: Confirmation, *, as_json: bool) -> None:
    """Print a confirmation: a row for each recipe, and what it says in words."""
    if as_json:
        print_json([confirmation_json(found)])
        return
    title = f"{found.study}: the best recipes of {found.parent or 'a deleted study'} over new seeds"
    print_rows(title, columns(found), found.rows)
    for sentence in sentences(found):
        click.echo(sentence)


def _known(database: Database, name: str) -> StudyRow | None:
    with suppress(NotFoundError):
        return records.study(database, name)
    return None
