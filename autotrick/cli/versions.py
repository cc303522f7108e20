"""Databases for commands that show studies: what another version recorded is shown as far as it goes."""

from collections.abc import Iterator
from contextlib import contextmanager

import click

from autotrick import records
from autotrick.errors import one_line
from autotrick.records import Database, StudyRow
from autotrick.records.rows import TRIAL_STATES


@contextmanager
def reading(url: str, study: str | None = None) -> Iterator[Database]:
    """Open a database to show a study, and say at the end what of it could not be read.

    Args:
        study: Whose space is looked at too; None for none.

    Raises:
        RecordsError: There is no database, or it cannot be used.
    """
    with records.open_database(url, create=False, unread=[]) as database:
        yield database
        say(database, records.study(database, study) if study is not None else None)


def say(database: Database, row: StudyRow | None) -> None:
    """Say what of another version's records could not be read."""
    for sentence in [*(database.unread or ()), *(not_read(row) if row else ())]:
        click.echo(f"Note: {one_line(sentence)}; it is left out here.", err=True)


def not_read(row: StudyRow) -> list[str]:
    """Return what of a study's own record another version wrote that this one cannot read."""
    from autotrick.space.recorded import recorded_space

    found = []
    _, fault = recorded_space(row.space)
    if fault:
        found.append(
            f"study {row.name!r} is another version's: this autotrick cannot read its space "
            f"({fault.rstrip('.')})"
        )
    strange = sorted({*row.counts} - {*TRIAL_STATES})
    if strange:
        found.append(
            f"study {row.name!r} has trials in states that this autotrick does not know: "
            f"{', '.join(map(repr, strange))}"
        )
    return found
