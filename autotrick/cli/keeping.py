"""Commands for whole studies: rename, archive, delete."""

from functools import partial
from typing import TYPE_CHECKING

import click

from autotrick.cli.options import database_option
from autotrick.redaction import redacted_url

_NAMED = 10
"""Files that are named one by one."""

if TYPE_CHECKING:
    from autotrick.records import Database


@click.command()
@click.argument("study")
@click.argument("new")
@database_option
def rename(study: str, new: str, url: str) -> None:
    """Call STUDY by the name NEW.

    \b
    Example:
        autotrick rename fashion_mnist_tricks fashion_first_try
    """
    from autotrick.records import open_database, rename_study
    from autotrick.tune.session import STALE_S

    with open_database(url, create=False) as database:
        await_sign(database, study)
        rename_study(database, study, new, stale_after=STALE_S)
    click.echo(f"{study} is {new} now.")


@click.command()
@click.argument("study")
@database_option
def archive(study: str, url: str) -> None:
    """Leave STUDY out of `autotrick studies`; nothing else changes.

    \b
    Example:
        autotrick archive fashion_first_try
    """
    _archive(study, url, archived=True)
    click.echo(f"{study} is archived: autotrick studies --all shows it.")


@click.command()
@click.argument("study")
@database_option
def unarchive(study: str, url: str) -> None:
    """List STUDY in `autotrick studies` again.

    \b
    Example:
        autotrick unarchive fashion_first_try
    """
    _archive(study, url, archived=False)
    click.echo(f"{study} is listed again.")


def _archive(study: str, url: str, *, archived: bool) -> None:
    from autotrick.records import archive_study, open_database

    with open_database(url, create=False) as database:
        archive_study(database, study, archived=archived)


def await_sign(database: "Database", study: str) -> None:
    """Find out whether a driver lives whose clock was ahead of this one."""
    from autotrick import records
    from autotrick.tune.session import STALE_S

    known = records.study(database, study)
    tell = partial(click.echo, err=True)
    records.await_sign_of_life(database, known.id, stale_after=STALE_S, tell=tell)


@click.command()
@click.argument("study")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option("--files", is_flag=True, help="Delete its checkpoints on this machine too.")
@database_option
def delete(study: str, yes: bool, files: bool, url: str) -> None:
    """Delete STUDY with all its trials; refused while it is being searched.

    \b
    Example:
        autotrick delete fashion_first_try --yes --files
    """
    from autotrick import records
    from autotrick.cli.files import remove
    from autotrick.tune.session import STALE_S, folder_mark

    with records.open_database(url, create=False) as database:
        row = records.study(database, study)
        if not yes:
            also = " and their checkpoints" if files else ""
            click.confirm(f"Delete {study} with {row.trials:,} trials{also}?", abort=True)
        await_sign(database, study)
        paths = records.delete_study(database, study, stale_after=STALE_S)
    click.echo(f"Deleted {study} with {row.trials:,} trials.")
    if files:
        found = remove(paths, folder_mark(row))
        click.echo(f"Deleted {found.deleted:,} of {len(paths):,} checkpoint files.")
        for path, why in found.kept[:_NAMED]:
            click.echo(f"Not deleted: {redacted_url(path)}, because {why}.")
        if len(found.kept) > _NAMED:
            click.echo(f"Not deleted either: {len(found.kept) - _NAMED:,} more such files.")
    elif paths:
        click.echo(f"{len(paths):,} checkpoint files stay; the first is {redacted_url(paths[0])}")
