"""Leases: one driver at a time works on a study, for as long as its process is alive."""

import os
import socket
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from sqlalchemy import case, select, update

from autotrick.errors import NotFoundError, RecordsError
from autotrick.records.database import Database
from autotrick.records.retry import repeatable
from autotrick.records.schema import Study
from autotrick.records.studies import id_of


def this_process() -> str:
    """Return "host:pid:start:namespace", which no later process with the same pid has.

    In a pid namespace of their own, containers that share a host name each count pids from 1.
    """
    return f"{socket.gethostname()}:{os.getpid()}:{_start_ticks(os.getpid())}:{_pid_namespace()}"


@repeatable
def acquire_lease(
    database: Database,
    study_id: int,
    owner: str,
    *,
    stale_after: float,
    now: datetime | None = None,
) -> None:
    """Make `owner` the only driver of a study, and set the study's state to open.

    A study is free if it has no owner, if its owner is a process of this machine that has ended, or
    if its owner is on another machine and has not renewed the lease for `stale_after` seconds. A
    second call by the same owner is harmless.

    Args:
        owner: As `this_process` returns it.
        now: The current time; None asks the database's clock.

    Raises:
        RecordsError: Another driver works on the study; the message names it.
        NotFoundError: The study does not exist.
    """
    now = now or database.clock()
    with database.writing() as connection:
        chosen = select(Study.name, Study.owner, Study.heartbeat).where(Study.id == study_id)
        row = connection.execute(chosen.with_for_update()).first()
        if row is None:
            raise NotFoundError(f"no study with id {study_id}.")
        if row.owner != owner:
            check_free(*row, stale_after=stale_after, now=now)
        claimed = (
            update(Study)
            .where(Study.id == study_id)
            .values(owner=owner, heartbeat=now, state="open")
        )
        connection.execute(claimed)


@repeatable
def renew_lease(
    database: Database, study_id: int, owner: str, *, now: datetime | None = None
) -> bool:
    """Renew the owner's lease; return whether somebody asked the owner to stop.

    Raises:
        RecordsError: Another owner has taken over the study; this driver must stop.
    """
    mine = update(Study).where(Study.id == study_id, Study.owner == owner)
    with database.writing() as connection:
        renewed = connection.execute(mine.values(heartbeat=now or database.clock())).rowcount
        if not renewed:
            other = connection.execute(select(Study.owner).where(Study.id == study_id)).scalar()
            raise RecordsError(f"the study was taken over by {other or 'nobody'}; this one stops.")
        asked = connection.execute(select(Study.state).where(Study.id == study_id)).scalar()
    return asked == "stopping"


def ask_to_stop(database: Database, name: str, *, stale_after: float) -> str:
    """Ask a study's driver to stop, which it does at its next renewal; return its owner.

    Args:
        stale_after: See `acquire_lease`.

    Raises:
        NotFoundError: The study does not exist.
        RecordsError: No driver works on the study.
    """
    with database.writing() as connection:
        mine = Study.id == id_of(connection, name)
        chosen = select(Study.owner, Study.heartbeat).where(mine)
        row = connection.execute(chosen.with_for_update()).one()
        if not is_alive(*row, stale_after=stale_after, now=database.clock()):
            raise RecordsError(f"nobody searches study {name!r}; there is nothing to stop.")
        connection.execute(update(Study).where(mine).values(state="stopping"))
    return str(row.owner)


@repeatable
def release_lease(database: Database, study_id: int, owner: str) -> None:
    """End the owner's lease on a study; do nothing if the study belongs to another owner.

    A study that somebody asked to stop in the meantime becomes `stopped`.
    """
    mine = update(Study).where(Study.id == study_id, Study.owner == owner)
    state = case((Study.state == "stopping", "stopped"), else_=Study.state)
    with database.writing() as connection:
        connection.execute(mine.values(owner=None, heartbeat=None, state=state))


def check_free(
    name: str,
    owner: str | None,
    heartbeat: datetime | None,
    *,
    stale_after: float,
    now: datetime,
) -> None:
    """Raise RecordsError while a study's owner is alive.

    Raises:
        RecordsError: The owner is or may be alive; the message names it.
    """
    if not is_alive(owner, heartbeat, stale_after=stale_after, now=now):
        return
    silence = (now - heartbeat).total_seconds() if heartbeat else 0.0
    if silence < -stale_after:
        raise RecordsError(
            f"study {name!r} is being searched by {owner}, whose last heartbeat is {-silence:.0f} s "
            "in the future: its clock or this one is wrong. Stop that process. If it is gone, "
            f"`autotrick resume {name}` takes over the study after {stale_after:.0f} s without a "
            "heartbeat."
        )
    raise RecordsError(
        f"study {name!r} is being searched by {owner}, whose last heartbeat was "
        f"{max(0.0, silence):.0f} s ago. Stop that process, or wait {stale_after:.0f} s after it died."
    )


def await_heartbeat(
    database: Database,
    study_id: int,
    *,
    stale_after: float,
    tell: Callable[[str], None],
    pause_s: float = 1.0,
) -> None:
    """Wait for a driver whose last heartbeat is in the future, because a clock was wrong.

    The driver is alive if it renews its lease within `stale_after` seconds; otherwise this frees
    the study. The function does not wait for other drivers, whose heartbeats can be trusted.

    Args:
        tell: Receives a sentence that explains the wait.
    """
    first = _owner_and_heartbeat(database, study_id)
    owner, heartbeat = first or ("", None)
    if heartbeat is None or _is_running(owner) is not None:
        return
    ahead_s = (heartbeat - database.clock()).total_seconds()
    if ahead_s <= stale_after:
        return
    tell(
        f"the last heartbeat of {owner} is {ahead_s:.0f} s in the future: its clock or this one is "
        f"wrong. Waiting up to {stale_after:.0f} s for another."
    )
    end = time.monotonic() + stale_after
    while time.monotonic() < end:
        time.sleep(pause_s)
        if _owner_and_heartbeat(database, study_id) != first:
            return
    dead = (Study.owner == owner, Study.heartbeat == heartbeat)
    with database.writing() as connection:
        connection.execute(update(Study).where(Study.id == study_id, *dead).values(owner=None))


def _owner_and_heartbeat(database: Database, study_id: int) -> tuple[str, datetime | None] | None:
    """Return a study's owner and its last heartbeat; None if the study has no owner."""
    chosen = select(Study.owner, Study.heartbeat).where(Study.id == study_id)
    with database.reading() as connection:
        row = connection.execute(chosen).first()
    return (row.owner, row.heartbeat) if row and row.owner else None


def is_alive(
    owner: str | None, heartbeat: datetime | None, *, stale_after: float, now: datetime
) -> bool:
    """Return whether a study has an owner that is alive, as far as this machine can tell.

    An existing process of this machine is alive, however old its heartbeat: it may be waiting for
    Ray, or for a proposal.
    """
    if owner is None:
        return False
    lives = _is_running(owner)
    silence = (now - heartbeat).total_seconds() if heartbeat else float("inf")
    return silence <= stale_after if lives is None else lives


def _is_running(owner: str) -> bool | None:
    """Return whether the owner's process is alive; None if this machine cannot tell.

    Only Linux can tell, for processes in the same container; all other leases must go stale.
    """
    host, pid, start, namespace = (*owner.split(":"), "", "", "")[:4]
    if (
        host != socket.gethostname()
        or not namespace
        or namespace != _pid_namespace()
        or not pid.isdecimal()
    ):
        return None
    return _start_ticks(int(pid)) == start


def _pid_namespace() -> str:
    """Return the id of the pid namespace; empty if unknown."""
    try:
        return "".join(filter(str.isdecimal, str(Path("/proc/self/ns/pid").readlink())))
    except OSError:
        return ""


def _start_ticks(pid: int) -> str:
    """Return when the process began, in ticks since boot; empty if it is gone or a zombie."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return ""
    fields = stat.rpartition(")")[2].split()
    return "" if fields[0] in "ZX" else fields[19]
