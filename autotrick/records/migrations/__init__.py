"""The schema's history: one file a revision in `versions`, run by Alembic.

Attributes:
    REVISIONS: All revisions, oldest first. Written down here so that opening a database does not
        have to import Alembic; a test compares it with the files.
"""

from pathlib import Path

from sqlalchemy import Connection

REVISIONS: tuple[str, ...] = (
    "0001",
    "0002",
    "0003",
    "0004",
    "0005",
    "0006",
    "0007",
    "0008",
    "0009",
)


def migrate(connection: Connection) -> None:
    """Bring the schema up to the newest revision, in the connection's transaction."""
    from alembic import command
    from alembic.config import Config

    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    command.upgrade(config, "head")
