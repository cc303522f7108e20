"""The environments of attempts; equal ones are stored once."""

from collections.abc import Iterable, Mapping
from contextlib import suppress
from typing import Any

from sqlalchemy import Connection, bindparam, delete, exists, select, update
from sqlalchemy.exc import IntegrityError

from autotrick.recipe import digest_of
from autotrick.records.database import Database, upsert
from autotrick.records.schema import Attempt, Environment

_DESCRIBE = update(Attempt).where(Attempt.id == bindparam("attempt"))
# This lock keeps other transactions from deleting the environment that this one refers to.
_ENVIRONMENT = (
    select(Environment.id)
    .where(Environment.digest == bindparam("facts"))
    .with_for_update(read=True, key_share=True)
)


def record_environment(
    connection: Connection,
    database: Database,
    attempt_id: int,
    node: str | None,
    device: str | None,
    environment: Mapping[str, Any] | None,
) -> None:
    """Record the node, device and environment of an attempt, within a transaction."""
    facts: dict[str, Any] = {"node": node, "device": device}
    if environment is not None:
        facts["environment_id"] = environment_id(connection, database, environment)
    values = {key: value for key, value in facts.items() if value is not None}
    if values:
        connection.execute(_DESCRIBE, {"attempt": attempt_id, **values})


def environment_id(connection: Connection, database: Database, facts: Mapping[str, Any]) -> int:
    """Return the id of an environment, recording it if it is new, within a transaction."""
    digest = digest_of(facts)
    key = connection.execute(_ENVIRONMENT, {"facts": digest}).scalar()
    if key is None:
        added = upsert(database.dialect, Environment).values(digest=digest, facts=dict(facts))
        connection.execute(added.on_conflict_do_nothing(index_elements=["digest"]))
        key = connection.execute(_ENVIRONMENT, {"facts": digest}).scalar_one()
    return key


def delete_unused(connection: Connection, keys: Iterable[int]) -> None:
    """Delete those of the given environments that no attempt refers to, within a transaction."""
    unused = ~exists().where(Attempt.environment_id == Environment.id)
    for key in sorted(keys):
        # Another driver's attempt may refer to it as soon as its transaction ends.
        with suppress(IntegrityError), connection.begin_nested():
            connection.execute(delete(Environment).where(Environment.id == key, unused))
