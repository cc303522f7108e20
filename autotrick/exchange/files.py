"""A study as one file: `.parquet` and `.jsonl` hold all of it, `.csv` is for spreadsheets.

A `.jsonl` file has a line for the study, then one a trial, with its epochs and attempts in it. A
`.parquet` file has a row a trial, with its epochs as a list in it; the study stands in the file's
metadata, with the proposals that constraints turned away. A `.csv` file has a row an epoch, the
trial's columns repeated, and cannot be read back: it does not say what the space was. Checkpoints are in none of them; their files are elsewhere.
"""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from autotrick import records
from autotrick.atomic_file import whole_file
from autotrick.errors import RecordsError
from autotrick.exchange import csv_table, jsonl, parquet
from autotrick.exchange.json_form import StudyForm
from autotrick.records import Database, StudyRow

_PLACES = ("address", "storage", "cache", "data_dir")
SUFFIXES = (".parquet", ".jsonl", ".csv")


def write(database: Database, study: str, path: Path | str) -> int:
    """Write a study into a file and return its number of trials; the file is whole, or not there.

    Args:
        path: Its suffix decides the format: one of SUFFIXES.

    Raises:
        NotFoundError: There is no study of that name.
        RecordsError: The suffix is none of them, or the file cannot be written.
    """
    path = Path(path)
    formats = {".parquet": parquet.write, ".jsonl": jsonl.write, ".csv": csv_table.write}
    if path.suffix not in formats:
        raise _unknown(path, SUFFIXES)
    form = StudyForm.of(records.study(database, study), records.rejections(database, study))
    try:
        with whole_file(path) as partial:
            return formats[path.suffix](partial, form, records.whole_trials(database, study))
    except OSError as error:
        raise RecordsError(f"{path} cannot be written: {error.strerror or error}.") from error


def read(
    database: Database,
    path: Path | str,
    *,
    name: str | None = None,
    notice: Callable[[str], None] | None = None,
) -> StudyRow:
    """Record the study that is in a file that `write` wrote; all of it, or nothing.

    Where the study ran belongs to the machine that wrote the file: cluster, storage, folders and how many
    trials at a time are not taken over, so that a file does not decide what this machine connects to.

    Args:
        name: What it is called here; None keeps its name.
        notice: Observation in a sentence what is not taken over.

    Raises:
        RecordsError: The file is not one of ours or is damaged, or the name is taken.
    """
    path = Path(path)
    formats = {".parquet": parquet.read, ".jsonl": jsonl.read}
    if path.suffix not in formats:
        raise _unknown(path, tuple(formats))
    try:
        if not path.is_file():
            raise RecordsError(f"no file {path}. Studies are written by `autotrick export`.")
        with formats[path.suffix](path) as (form, trials):
            plan = form.plan(name)
            budget = {key: value for key, value in plan.budget.items() if key != "resources"}
            row = records.import_study(
                database,
                replace(plan, budget=budget),
                form.state,
                trials,
                (refusal.row() for refusal in form.refusals),
                ended=form.ended,
                archived=form.archived,
            )
            named = _named(plan.budget.get("resources"))
            if notice and named:
                notice(
                    f"Where the study ran is not taken over ({named}): resume uses your own options."
                )
            return row
    except OSError as error:
        raise RecordsError(f"{path} cannot be read: {error.strerror or error}.") from error


def _named(resources: object) -> str:
    """Return which places a file names."""
    if not isinstance(resources, dict):
        return ""
    return ", ".join(name for name in _PLACES if resources.get(name) is not None)


def _unknown(path: Path, known: tuple[str, ...]) -> RecordsError:
    return RecordsError(f"a study's file ends in one of {', '.join(known)}, but got {path.name!r}.")
