"""Where attempts run: equal environments are kept once."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, bindparam, select, update

from autotrick.recipe import digest_of
from autotrick.records.database import Database, upsert
from autotrick.records.schema import Attempt, Environment

_DESCRIBE = update(Attempt).where(Attempt.id == bindparam("attempt"))
_ENVIRONMENT = select(Environment.id).where(Environment.digest == bindparam("facts"))


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
