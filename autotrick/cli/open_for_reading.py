"""Databases for commands that show studies, including those of another version of autotrick."""

from collections.abc import Iterator
from contextlib import contextmanager

import click

from autotrick import records
from autotrick.errors import one_line
from autotrick.records import Database, StudyRow
from autotrick.records.rows import TRIAL_STATES


@contextmanager
def open_for_reading(url: str, study: str | None = None) -> Iterator[Database]:
    """Open a database; at the end, say on stderr what in it could not be read.

    Args:
        study: Also check whether the space of this study can be read; None checks none.

    Raises:
        RecordsError: There is no database, or it cannot be used.
    """
    with records.open_database(url, create=False, unread=[]) as database:
        yield database
        print_unread(database, records.study(database, study) if study is not None else None)


def print_unread(database: Database, row: StudyRow | None) -> None:
    """Print on stderr which records of another version could not be read."""
    for sentence in [*(database.unread or ()), *(not_read(row) if row else ())]:
        click.echo(f"Note: {one_line(sentence)}; it is left out here.", err=True)


def not_read(row: StudyRow) -> list[str]:
    """Return sentences on what this version cannot read in a study's own record."""
    from autotrick.space.recorded import recorded_space

    found = []
    _, fault = recorded_space(row.space)
    if fault:
        found.append(
            f"study {row.name!r} is another version's: this autotrick cannot read its space "
            f"({fault.rstrip('.')})"
        )
    unknown = sorted({*row.counts} - {*TRIAL_STATES})
    if unknown:
        found.append(
            f"study {row.name!r} has trials in states that this autotrick does not know: "
            f"{', '.join(map(repr, unknown))}"
        )
    return found
