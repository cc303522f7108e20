"""A recorded study as an Optuna study, for Optuna's plots and importances and for optuna-dashboard."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from sqlalchemy.exc import SQLAlchemyError

from autotrick import records
from autotrick.errors import RecordsError
from autotrick.records import Database, open_database
from autotrick.redaction import redacted, redacted_url
from autotrick.sample.optuna_export import StorageInternalError, whole_study
from autotrick.space.recorded import space_to_search

if TYPE_CHECKING:
    import optuna

_FOREIGN = (
    *(SQLAlchemyError, StorageInternalError, ImportError, OSError, ArithmeticError),
    *(ValueError, TypeError, LookupError, RuntimeError, AttributeError, AssertionError),
)
"""What Optuna raises for a storage that is damaged or of another version."""


def optuna_study(name: str, database: Database | str | None = None) -> "optuna.Study":
    """Return a recorded study as an Optuna study in memory; it is a copy that you may change.

    It has the same objective: a metric, a reward, or several measures. Complete trials have their value
    or values, pruned ones the value that they reached if one metric is the objective, failed ones
    nothing; all have the metric of every epoch. Waiting trials count as running.

    Args:
        database: Opened, or its URL. None opens the one of the environment variable
            AUTOTRICK_DATABASE, or else `sqlite:///autotrick.db`.

    Raises:
        NotFoundError: The study does not exist.
        RecordsError: The database does not exist.
    """
    if database is None or isinstance(database, str):
        with open_database(database, create=False) as opened:
            return _study(opened, name, None)
    return _study(database, name, None)


def export_to_optuna(database: Database, name: str, storage: str) -> int:
    """Write a recorded study to the Optuna storage at a URL; return the number of trials.

    Raises:
        NotFoundError: The study does not exist.
        RecordsError: The storage cannot be used, or already has a study of that name.
    """
    with sentences(storage):
        return len(_study(database, name, storage).get_trials(deepcopy=False))


@contextmanager
def sentences(storage: str) -> Iterator[None]:
    """Turn errors of an Optuna storage into one line.

    Raises:
        RecordsError: The storage cannot be used.
    """
    try:
        yield
    except _FOREIGN as error:
        cause = error.__cause__ if isinstance(error, StorageInternalError) else error
        first = str(getattr(cause, "orig", cause)).strip().partition("\n")[0].rstrip(".")
        said = redacted(first, storage) or type(cause).__name__
        raise RecordsError(
            f"the Optuna storage {redacted_url(storage)} cannot be used: {said}."
        ) from error


def _study(database: Database, name: str, storage: str | None) -> "optuna.Study":
    row = records.study(database, name)
    space = space_to_search(row.name, row.space)
    return whole_study(space, records.trial_records(database, name), name=name, storage=storage)
