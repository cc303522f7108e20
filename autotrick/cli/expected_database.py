"""Check for a database before anything heavy is loaded, and say at once what is under way."""

from autotrick.cli.output import announce


def expect_database(url: str, then: str) -> None:
    """Check that there is a database.

    Args:
        then: What is loaded next, for whoever waits at a terminal.

    Raises:
        RecordsError: There is no database, or it cannot be used.
    """
    announce("Opening the database")
    from autotrick.records import open_database  # takes half a second by itself

    with open_database(url, create=False, unread=[]):
        announce(f"Loading {then}")
