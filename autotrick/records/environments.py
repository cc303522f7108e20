"""Where attempts run: equal environments are kept once."""

from collections.abc import Iterable, Mapping
from contextlib import suppress
from typing import Any

from sqlalchemy import Connection, bindparam, delete, exists, select, update
from sqlalchemy.exc import IntegrityError

from autotrick.recipe import digest_of
from autotrick.records.database import Database, upsert
from autotrick.records.schema import Attempt, Environment

_DESCRIBE = update(Attempt).where(Attempt.id == bindparam("attempt"))
# Whoever refers to it in this transaction keeps it from being deleted by another one.
_ENVIRONMENT = (
    select(Environment.id)
    .where(Environment.digest == bindparam("facts"))
    .with_for_update(read=True, key_share=True)
)


def describe(
    connection: Connection,
    database: Database,
    attempt_id: int,
    node: str | None,
    device: str | None,
    environment: Mapping[str, Any] | None,
) -> None:
    """Record what is known of where an attempt runs, within a transaction."""
    facts: dict[str, Any] = {"node": node, "device": device}
    if environment is not None:
        facts["environment_id"] = environment_id(connection, database, environment)
    known = {key: value for key, value in facts.items() if value is not None}
    if known:
        connection.execute(_DESCRIBE, {"attempt": attempt_id, **known})


def environment_id(connection: Connection, database: Database, facts: Mapping[str, Any]) -> int:
    """Return the id of an environment, which is recorded if it is new, within a transaction."""
    digest = digest_of(facts)
    key = connection.execute(_ENVIRONMENT, {"facts": digest}).scalar()
    if key is None:
        added = upsert(database.dialect, Environment).values(digest=digest, facts=dict(facts))
        connection.execute(added.on_conflict_do_nothing(index_elements=["digest"]))
        key = connection.execute(_ENVIRONMENT, {"facts": digest}).scalar_one()
    return key


def forget(connection: Connection, keys: Iterable[int]) -> None:
    """Delete those of some environments that no attempt refers to, within a transaction."""
    unused = ~exists().where(Attempt.environment_id == Environment.id)
    for key in sorted(keys):
        # An attempt that another driver describes now refers to it once its transaction ends.
        with suppress(IntegrityError), connection.begin_nested():
            connection.execute(delete(Environment).where(Environment.id == key, unused))
