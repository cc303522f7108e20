"""CSV: one row per epoch, for spreadsheets and other languages."""

import csv
import json
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from autotrick.exchange.json_form import StudyForm, trial_json
from autotrick.records import TrialRecord
from autotrick.records.recipe_columns import MEASURED
from autotrick.tasks import find

_TRIAL = (
    *("number", "state", "value", "epochs", "seconds", "parameters", "weights", "reason", "origin"),
    *("digest", "created", "finished", *MEASURED, "lr", "phase"),
)
_RECIPE = (
    *("architecture", "batch_size", "accumulation", "base_lr", "scaling_exponent"),
    *("weight_decay", "momentum", "seed"),
)
_EPOCH = ("loss", "train_loss", "lr", "seconds")


def columns(metrics: Sequence[str]) -> tuple[str, ...]:
    """Return the columns of a study whose reports hold these metrics."""
    epoch = (f"epoch.{name}" for name in ("epoch", *metrics, *_EPOCH))
    return ("study", *_TRIAL, *_RECIPE, "tricks", "recipe", *epoch)


def write(path: Path, study: StudyForm, trials: Iterable[TrialRecord]) -> int:
    """Write a file; return the number of trials. A trial without epochs has one row."""
    count, metrics = 0, [metric.name for metric in find(study.task).metrics]
    with path.open("w", encoding="utf-8", newline="") as file:
        rows = csv.DictWriter(file, columns(metrics))
        rows.writeheader()
        for record in trials:
            rows.writerows({"study": study.name} | row for row in _rows(record, metrics))
            count += 1
    return count


def _rows(record: TrialRecord, metrics: Sequence[str]) -> Iterator[dict[str, Any]]:
    values = trial_json(record)
    recipe = values["recipe"]
    common = {name: values[name] for name in _TRIAL} | {name: recipe.get(name) for name in _RECIPE}
    common |= {"tricks": " ".join(sorted(recipe.get("tricks", {}))), "recipe": json.dumps(recipe)}
    for report in values["reports"] or [{}]:
        epoch = report.get("metrics", {}) | report
        named = ("epoch", *metrics, *_EPOCH)
        yield common | {f"epoch.{name}": epoch.get(name) for name in named}
