"""Looks at the test split, each written before the first test image is read.

A study and those that belong to it (its confirmations, ablations, lists) share their looks: the choice
between their recipes is one choice. A look belongs to the study at the top of this family.
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, select, update

from autotrick.errors import RecordsError
from autotrick.records.database import Database
from autotrick.records.retry import repeatable
from autotrick.records.rows import LookRow
from autotrick.records.schema import Study, TestLook
from autotrick.records.studies import id_of


@repeatable
def looks(database: Database, study: str) -> list[LookRow]:
    """Return the looks at the test split of a study and its family, first to last.

    Raises:
        NotFoundError: The study does not exist.
    """
    with database.reading() as connection:
        return _looks(connection, _family(connection, id_of(connection, study)))


@repeatable
def open_look(
    database: Database, study: str, candidates: Sequence[Mapping[str, Any]], *, forced: bool = False
) -> LookRow:
    """Record that the test split is looked at now; return a look that was interrupted once more.

    Two calls with the same candidates give the same look while it has no result: one that was killed
    in between is finished, and does not count twice.

    Args:
        study: A study of the family.
        candidates: What is looked at; plain JSON with the digests of the weights.
        forced: Whether to look again after another look.

    Raises:
        NotFoundError: The study does not exist.
        RecordsError: The test split was looked at before, or a look at other candidates is unfinished.
    """
    wanted: list[dict[str, Any]] = json.loads(json.dumps(list(candidates)))
    with database.writing() as connection:
        family = _family(connection, id_of(connection, study))
        # Another process that wants to look waits here, and then finds this look.
        connection.execute(select(Study.id).where(Study.id == family[0]).with_for_update())
        known = _looks(connection, family)
        unfinished = [look for look in known if look.result is None]
        for look in unfinished:
            if list(look.candidates) == wanted:
                return look
        if unfinished and not forced:
            raise RecordsError(
                f"look {unfinished[0].number} at the test split of {study!r} is not finished, and it is "
                "at other networks. Finish it first: autotrick resume the study that began it, or autotrick "
                "evaluate the same trial; or look again with --look-again."
            )
        if known and not forced:
            raise RecordsError(refusal(study, known))
        number = 1 + max((look.number for look in known), default=0)
        look = LookRow(number, tuple(wanted), None, bool(known), database.clock(), None)
        connection.execute(insert(TestLook).values(look_columns(family[0], look)))
        return look


@repeatable
def close_look(database: Database, study: str, number: int, result: Mapping[str, Any]) -> None:
    """Record what a look found; a look that has a result keeps it.

    Raises:
        NotFoundError: The study does not exist.
    """
    with database.writing() as connection:
        family = _family(connection, id_of(connection, study))
        mine = (TestLook.study_id.in_(family), TestLook.number == number)
        done = {"result": dict(result), "finished": database.clock()}
        connection.execute(update(TestLook).where(*mine, TestLook.finished.is_(None)).values(done))


def refusal(
    study: str,
    known: Sequence[LookRow],
    *,
    instead: str = "confirm on the validation split alone with --no-test",
) -> str:
    """Return why the test split of a study is not looked at again.

    Args:
        instead: What to do without a look.
    """
    when = f"{known[-1].created:%Y-%m-%d %H:%M} UTC"
    times = "once" if len(known) == 1 else f"{len(known)} times"
    return (
        f"the test split of {study!r} was looked at {times}, last on {when}. A choice that is made "
        f"after a look cannot be tested with it: {instead}, or look "
        "again with --look-again, which is recorded and shown in every report."
    )


def sentence(known: Sequence[LookRow]) -> str:
    """Return what reports say about the looks at a study's test split; empty without one."""
    if not known:
        return ""
    if len(known) == 1:
        return "The test set was looked at once."
    times = "twice" if len(known) == 2 else f"{len(known)} times"
    return (
        f"The test set was looked at {times}: values after the first look are not those of a test that "
        "the choice has not seen."
    )


def look_columns(study_id: int, look: LookRow) -> dict[str, Any]:
    """Return the database columns of a look."""
    return {
        "study_id": study_id,
        "number": look.number,
        "candidates": [dict(candidate) for candidate in look.candidates],
        "result": None if look.result is None else dict(look.result),
        "forced": look.forced,
        "created": look.created,
        "finished": look.finished,
    }


def hand_down(connection: Connection, study_id: int) -> None:
    """Copy a study's looks to the studies that belong to it, before it is deleted."""
    chosen = select(Study.id).where(Study.parent_id == study_id)
    children = sorted(connection.scalars(chosen))
    own = _looks(connection, [study_id])
    for child in children:
        held = {look.number for look in _looks(connection, [child])}
        rows = [look_columns(child, look) for look in own if look.number not in held]
        if rows:
            connection.execute(insert(TestLook), rows)


def _family(connection: Connection, study_id: int) -> list[int]:
    """Return the ids of a study's family: first the one at the top, then those that belong to it."""
    parents: dict[int, int | None] = {
        row.id: row.parent_id for row in connection.execute(select(Study.id, Study.parent_id))
    }
    children: dict[int, list[int]] = defaultdict(list)
    for child, parent in sorted(parents.items()):
        if parent is not None:
            children[parent].append(child)
    top = study_id
    while (above := parents.get(top)) is not None:
        top = above
    found = [top]
    for each in found:
        found += children[each]
    return found


def _looks(connection: Connection, family: Iterable[int]) -> list[LookRow]:
    table = TestLook.__table__.c
    chosen = select(TestLook).where(table.study_id.in_(list(family)))
    ordered = chosen.order_by(table.created, table.number)
    found: dict[tuple[int, datetime], LookRow] = {}
    for row in connection.execute(ordered.with_only_columns(*table)):
        # A look that was handed down or imported may be there several times.
        look = LookRow(
            row.number, tuple(row.candidates), row.result, row.forced, row.created, row.finished
        )
        held = found.get((row.number, row.created))
        if held is None or held.result is None:
            found[row.number, row.created] = look
    return list(found.values())
