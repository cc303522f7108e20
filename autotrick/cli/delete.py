"""`autotrick delete`."""

import click

from autotrick.cli.options import database_option

_LISTED = 10
"""Files that are listed one by one."""


@click.command()
@click.argument("study")
@click.option("--yes", is_flag=True, help="Do not ask for confirmation.")
@click.option("--files", is_flag=True, help="Delete its checkpoints on this machine as well.")
@database_option
def delete(study: str, yes: bool, files: bool, url: str) -> None:
    """Delete STUDY with all its trials. A study that is being searched is not deleted.

    \b
    Example:
        autotrick delete fashion_first_try --yes --files
    """
    from autotrick import records
    from autotrick.cli.sign_of_life import await_sign
    from autotrick.redaction import redacted_url
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
        _delete_files(paths, folder_mark(row))
    elif paths:
        click.echo(f"{len(paths):,} checkpoint files stay; the first is {redacted_url(paths[0])}")


def _delete_files(paths: list[str], mark: str) -> None:
    from autotrick.cli.checkpoint_files import remove
    from autotrick.redaction import redacted_url

    found = remove(paths, mark)
    click.echo(f"Deleted {found.deleted:,} of {len(paths):,} checkpoint files.")
    for path, why in found.kept[:_LISTED]:
        click.echo(f"Not deleted: {redacted_url(path)}, because {why}.")
    if len(found.kept) > _LISTED:
        click.echo(f"Not deleted either: {len(found.kept) - _LISTED:,} more such files.")
