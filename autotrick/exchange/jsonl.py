"""JSON lines: the study on the first line, then one trial per line."""

import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TextIO

from autotrick.errors import RecordsError
from autotrick.exchange.json_form import StudyForm, read_study, read_trial, trial_json
from autotrick.records import TrialRecord
from autotrick.user_files import parse_json


def write(path: Path, study: StudyForm, trials: Iterable[TrialRecord]) -> int:
    """Write a file; return the number of trials."""
    with path.open("w", encoding="utf-8") as file:
        _line(file, study.model_dump(mode="json", warnings=False))
        return sum(_line(file, trial_json(record)) for record in trials)


def _line(file: TextIO, value: dict[str, Any]) -> int:
    """Write a line; return 1, the number of lines."""
    file.write(json.dumps(value, allow_nan=False) + "\n")
    return 1


@contextmanager
def read(path: Path) -> Iterator[tuple[StudyForm, Iterator[TrialRecord]]]:
    """Yield the study and an iterator over its trials, which reads line by line.

    Raises:
        RecordsError: A line is not what `write` writes.
    """
    with path.open("rb") as file:
        values = (_value(line, f"{path}: line {i}") for i, line in enumerate(file, start=1))
        where, first = next(values, (f"{path}", None))
        if first is None:
            raise RecordsError(f"{path} has no line that says which study it is.")
        yield read_study(first, where), (read_trial(value, where) for where, value in values)


def _value(line: bytes, where: str) -> tuple[str, Any]:
    return where, parse_json(line, where, RecordsError, hint=" Is the file whole?")
