"""Parquet: one row per trial with its epochs as a list; the study is in the file's metadata."""

import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Any

from autotrick.errors import RecordsError
from autotrick.exchange.json_form import StudyForm, read_study, read_trial, trial_json
from autotrick.records import TrialRecord
from autotrick.user_files import parse_json

_KEY = b"autotrick"
_ROWS = 5000
"""Rows per group, and so in memory at a time."""

_JSON = ("recipe", "attempts", "design")
_TEXTS = ("extra", "metrics")
_ADDED = {
    "architecture": str,
    "batch_size": int,
    "accumulation": int,
    "base_lr": float,
    "tricks": dict,
}


def write(path: Path, study: StudyForm, trials: Iterable[TrialRecord]) -> int:
    """Write a file; return the number of trials."""
    from pyarrow import Table
    from pyarrow.parquet import ParquetWriter

    schema = _schema().with_metadata({_KEY: study.model_dump_json(warnings=False).encode()})
    rows, count = map(_row, trials), 0
    with ParquetWriter(path, schema, compression="zstd") as file:
        while group := list(islice(rows, _ROWS)):
            file.write_table(Table.from_pylist(group, schema))
            count += len(group)
    return count


@contextmanager
def read(path: Path) -> Iterator[tuple[StudyForm, Iterator[TrialRecord]]]:
    """Yield the study and an iterator over its trials, which reads group by group.

    Raises:
        RecordsError: The file is not what `write` writes.
    """
    from pyarrow import ArrowException
    from pyarrow.parquet import ParquetFile

    try:
        with ParquetFile(path) as file:
            study = (file.schema_arrow.metadata or {}).get(_KEY)
            if study is None:
                raise RecordsError(f"{path} was not written by `autotrick export`.")
            batches = file.iter_batches(_ROWS)
            rows = (row for batch in batches for row in batch.to_pylist())
            yield (
                read_study(parse_json(study, str(path), RecordsError), str(path)),
                (_record(row, path) for row in rows),
            )
    except (ArrowException, UnicodeDecodeError) as error:
        said = str(error).rstrip(".")
        raise RecordsError(f"{path} is not Parquet, or damaged: {said}.") from error


def _schema() -> Any:
    import pyarrow as pa

    time, whole, number, text = pa.string(), pa.int64(), pa.float64(), pa.string()
    epoch = {"epoch": whole, "accuracy": number, "loss": number, "train_loss": number}
    epoch |= {"lr": number, "seconds": number, "weights": text, "extra": text, "metrics": text}
    trial = {"number": whole, "state": text, "value": number, "epochs": whole, "seconds": number}
    trial |= {"parameters": whole, "weights": text, "reason": text, "origin": text, "digest": text}
    trial |= {"created": time, "finished": time, "architecture": text, "batch_size": whole}
    trial |= {"accumulation": whole, "base_lr": number, "lr": number}
    trial |= {"tricks": pa.list_(text), "recipe": text}
    trial |= {"multiply_adds": whole, "latency_ms": number, "robustness": number, "score": number}
    trial |= {"memory": whole, "phase": text, "design": text}
    trial |= {"reports": pa.list_(pa.struct(epoch.items())), "attempts": text}
    return pa.schema(trial.items())


def _row(record: TrialRecord) -> dict[str, Any]:
    values = trial_json(record)
    recipe = values["recipe"]
    added = {name: _typed(recipe.get(name), kind) for name, kind in _ADDED.items()}
    added["tricks"] = sorted(recipe.get("tricks", {}))
    texts = {name: json.dumps(values[name]) for name in _JSON}
    # Parquet, unlike JSON, has numbers that are not finite.
    reports = [
        report.model_dump() | {name: json.dumps(plain[name]) for name in _TEXTS if name in plain}
        for report, plain in zip(record.reports, values["reports"], strict=True)
    ]
    return values | added | texts | {"reports": reports}


def _typed(value: Any, kind: type) -> Any:
    """Return a value for a column of that type; None if another version's recipe has another type."""
    return value if isinstance(value, kind) else None


def _record(row: dict[str, Any], path: Path) -> TrialRecord:
    where = f"{path}: trial {row.get('number')}"
    values = {name: value for name, value in row.items() if name not in _ADDED}
    try:
        # Files of earlier versions have fewer columns.
        known = [name for name in _JSON if name in row]
        values |= {name: parse_json(row[name], where, RecordsError) for name in known}
        values["reports"] = [_report(report, where) for report in row["reports"]]
    except (KeyError, TypeError) as error:
        raise RecordsError(f"{where} is not what `autotrick export` writes: {error}.") from error
    return read_trial(values, where)


def _report(written: dict[str, Any], where: str) -> dict[str, Any]:
    # A report has accuracy or named metrics; the other column is empty.
    values = {name: value for name, value in written.items() if value is not None}
    texts = {
        name: parse_json(values[name], where, RecordsError) for name in _TEXTS if name in values
    }
    return values | texts
