"""The matrix of tricks x data sets, read from a database."""

from collections.abc import Mapping

from autotrick import records
from autotrick.analysis.transfer import Screened, TransferMatrix, transfer_matrix
from autotrick.errors import NotFoundError
from autotrick.records import Database, StudyRow
from autotrick.space.recorded import recorded_space

PURPOSE = "transfer"
"""What a study that repeats a screen on other data is for, as its record says."""


def linked(database: Database, study: str) -> list[StudyRow]:
    """Return the studies that repeat a study's screen on other data, the oldest first."""
    rows = records.studies(database)
    mine = [row for row in rows if row.parent == study and row.purpose == PURPOSE]
    return sorted(mine, key=lambda row: (row.created, row.id))


def matrix_of(
    database: Database, study: str
) -> tuple[TransferMatrix, Mapping[str, Mapping[str, str]]]:
    """Return a study's matrix, and why tricks were left out, by data set and trick.

    Raises:
        NotFoundError: There is no such study, or its screen was not repeated.
    """
    row = records.study(database, study)
    others = linked(database, study)
    if not others:
        raise NotFoundError(
            f"the screen of study {study!r} was not repeated on other data. Do so with "
            f"`autotrick transfer {study} --data NAME`."
        )
    space, _ = recorded_space(row.space)
    precision = space.study.precision if space else 0.5
    screens = [_screened(database, one) for one in (row, *others)]
    matrix = transfer_matrix(screens[0], screens[1:], precision=precision)
    return matrix, {one.data: one.left_out for one in screens[1:] if one.left_out}


def _screened(database: Database, row: StudyRow) -> Screened:
    trials = records.trials(database, row.name, where='phase = "screen"')
    curves = records.curves(database, row.name, numbers=[trial.number for trial in trials])
    left_out = (row.settings.transfer or {}).get("left_out", {})
    data = trials[0].recipe.data.name if trials else str(row.space.get("data", {}).get("name"))
    return Screened(row.name, data.rstrip("/").rsplit("/", 1)[-1], trials, curves, left_out)
