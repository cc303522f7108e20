"""Finding out whether a study is being searched, before a command changes it."""

from functools import partial

import click

from autotrick import records
from autotrick.records import Database
from autotrick.tune.session import STALE_S


def await_sign(database: Database, study: str) -> None:
    """Wait for a sign of life of a driver whose clock is ahead of this machine's.

    Raises:
        NotFoundError: There is no study of that name.
    """
    known = records.study(database, study)
    tell = partial(click.echo, err=True)
    records.await_heartbeat(database, known.id, stale_after=STALE_S, tell=tell)
