"""A study as one file: `.parquet` and `.jsonl` hold all of it, `.csv` is for spreadsheets.

A `.jsonl` file has a line for the study, then one line per trial with its epochs and attempts. A
`.parquet` file has one row per trial with its epochs as a list; the study is in the file's
metadata, with the proposals that constraints rejected. A `.csv` file has one row per epoch with the
trial's columns repeated, and cannot be read back because it lacks the space. No file holds checkpoints.
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
    """Write a study to a file and return its number of trials. A partial file is never left behind.

    Args:
        path: Its suffix, one of SUFFIXES, decides the format.

    Raises:
        NotFoundError: The study does not exist.
        RecordsError: The suffix is unknown, or the file cannot be written.
    """
    path = Path(path)
    formats = {".parquet": parquet.write, ".jsonl": jsonl.write, ".csv": csv_table.write}
    if path.suffix not in formats:
        raise _unknown(path, SUFFIXES)
    form = StudyForm.of(
        records.study(database, study),
        records.rejections(database, study),
        records.looks(database, study),
    )
    try:
        with whole_file(path) as partial:
            return formats[path.suffix](partial, form, records.trial_records(database, study))
    except OSError as error:
        raise RecordsError(f"{path} cannot be written: {error.strerror or error}.") from error


def read(
    database: Database,
    path: Path | str,
    *,
    name: str | None = None,
    notice: Callable[[str], None] | None = None,
) -> StudyRow:
    """Record the study in a file that `write` wrote: all of it, or nothing.

    Where the study ran is not imported: cluster, storage, folders and concurrency belong to the machine
    that wrote the file, and a file must not decide what this machine connects to.

    Args:
        name: Name of the study in this database; None keeps its name.
        notice: Receives a sentence on what is not imported.

    Raises:
        RecordsError: The file is not an exported study or is damaged, or the name is taken.
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
                looks=(look.row() for look in form.looks),
                ended=form.ended,
                archived=form.archived,
            )
            named = _named(plan.budget.get("resources"))
            if notice and named:
                notice(
                    f"Where the study ran is not imported ({named}): `autotrick resume` uses your own options."
                )
            return row
    except OSError as error:
        raise RecordsError(f"{path} cannot be read: {error.strerror or error}.") from error


def _named(resources: object) -> str:
    """Return which addresses and folders a file names."""
    if not isinstance(resources, dict):
        return ""
    return ", ".join(name for name in _PLACES if resources.get(name) is not None)


def _unknown(path: Path, suffixes: tuple[str, ...]) -> RecordsError:
    return RecordsError(
        f"a study's file ends in one of {', '.join(suffixes)}, but got {path.name!r}."
    )
