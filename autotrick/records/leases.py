"""One driver at a time: a study belongs to the process that claimed it, while that one lives."""

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
    """Return "host:pid:start:space", which names this process and no later one with its number.

    The space is where its number holds: containers that share a host's name each count from 1.
    """
    return f"{socket.gethostname()}:{os.getpid()}:{_start(os.getpid())}:{_space()}"


@repeatable
def claim_study(
    database: Database,
    study_id: int,
    owner: str,
    *,
    stale_after: float,
    now: datetime | None = None,
) -> None:
    """Make `owner` the one driver of a study.

    A study is free when nobody owns it, when its owner was a process of this machine that has ended,
    or when it is one of another and has not renewed the claim for `stale_after` seconds. Claiming it
    twice is harmless. The study is open again.

    Args:
        owner: As `this_process` gives it.
        now: The present moment; None asks the database's clock.

    Raises:
        RecordsError: Another driver is at work; the message names it.
        NotFoundError: There is no such study.
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
def renew_claim(
    database: Database, study_id: int, owner: str, *, now: datetime | None = None
) -> bool:
    """Say that the owner lives; return whether it is asked to end.

    Raises:
        RecordsError: The study has another owner by now; this driver must stop.
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
    """Ask a study's driver to end in order, which it does when it next renews; return who it is.

    Args:
        stale_after: As `claim_study` takes it.

    Raises:
        NotFoundError: There is no such study.
        RecordsError: Nobody drives it.
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
def release_claim(database: Database, study_id: int, owner: str) -> None:
    """Give the study back; harmless if it belongs to another by now.

    Who asked it to stop after it had said how it ended has it stopped.
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
    """Refuse while a study's owner lives.

    Raises:
        RecordsError: It does, or may; the message names it.
    """
    if not is_alive(owner, heartbeat, stale_after=stale_after, now=now):
        return
    silence = (now - heartbeat).total_seconds() if heartbeat else 0.0
    if silence < -stale_after:
        raise RecordsError(
            f"study {name!r} is being searched by {owner}, heard of {-silence:.0f} s in the future: "
            "its clock or this one is wrong. Stop that process. If it is gone, `autotrick resume "
            f"{name}` takes the study over after {stale_after:.0f} s without a sign of it."
        )
    raise RecordsError(
        f"study {name!r} is being searched by {owner}, heard of {max(0.0, silence):.0f} s ago. Stop "
        f"that process, or wait {stale_after:.0f} s after it died."
    )


def await_sign_of_life(
    database: Database,
    study_id: int,
    *,
    stale_after: float,
    tell: Callable[[str], None],
    pause_s: float = 1.0,
) -> None:
    """Find out whether a driver lives that was heard of in the future, by a clock that was wrong.

    It lives if it renews its claim within `stale_after` seconds; otherwise the study is free. Other
    drivers are not waited for: the times on record tell.

    Args:
        tell: Observation in a sentence why this takes a while.
    """
    first = _sign(database, study_id)
    owner, heartbeat = first or ("", None)
    if heartbeat is None or _lives(owner) is not None:
        return
    ahead_s = (heartbeat - database.clock()).total_seconds()
    if ahead_s <= stale_after:
        return
    tell(
        f"{owner} was heard of {ahead_s:.0f} s in the future: its clock or this one is wrong. "
        f"Waiting up to {stale_after:.0f} s for a sign of it."
    )
    end = time.monotonic() + stale_after
    while time.monotonic() < end:
        time.sleep(pause_s)
        if _sign(database, study_id) != first:
            return
    dead = (Study.owner == owner, Study.heartbeat == heartbeat)
    with database.writing() as connection:
        connection.execute(update(Study).where(Study.id == study_id, *dead).values(owner=None))


def _sign(database: Database, study_id: int) -> tuple[str, datetime | None] | None:
    """Return a study's owner and when it was last heard of; None while nobody owns it."""
    chosen = select(Study.owner, Study.heartbeat).where(Study.id == study_id)
    with database.reading() as connection:
        row = connection.execute(chosen).first()
    return (row.owner, row.heartbeat) if row and row.owner else None


def is_alive(
    owner: str | None, heartbeat: datetime | None, *, stale_after: float, now: datetime
) -> bool:
    """Return whether a study's owner is there and lives, as far as can be known.

    A process of this machine that is there lives, however long it says nothing: it may be waiting
    for Ray, or for a proposal.
    """
    if owner is None:
        return False
    lives = _lives(owner)
    silence = (now - heartbeat).total_seconds() if heartbeat else float("inf")
    return silence <= stale_after if lives is None else lives


def _lives(owner: str) -> bool | None:
    """Return whether the owner is a process of this machine, or was; None where there is no telling.

    Only Linux tells, and of the processes of one container; otherwise a claim has to go stale.
    """
    host, pid, start, space = (*owner.split(":"), "", "", "")[:4]
    if host != socket.gethostname() or not space or space != _space() or not pid.isdecimal():
        return None
    return _start(int(pid)) == start


def _space() -> str:
    """Return what names the space of process numbers; empty where there is no saying."""
    try:
        return "".join(filter(str.isdecimal, str(Path("/proc/self/ns/pid").readlink())))
    except OSError:
        return ""


def _start(pid: int) -> str:
    """Return when the process began, in ticks since boot; empty when it is gone or a zombie."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return ""
    fields = stat.rpartition(")")[2].split()
    return "" if fields[0] in "ZX" else fields[19]
