"""CSV: one row per epoch, for spreadsheets and other languages."""

import csv
import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from autotrick.exchange.json_form import StudyForm, trial_json
from autotrick.records import TrialRecord
from autotrick.records.recipe_columns import MEASURED

_TRIAL = (
    *("number", "state", "value", "epochs", "seconds", "parameters", "weights", "reason", "origin"),
    *("digest", "created", "finished", *MEASURED, "lr"),
)
_RECIPE = (
    *("architecture", "batch_size", "accumulation", "base_lr", "scaling_exponent"),
    *("weight_decay", "momentum", "seed"),
)
_EPOCH = ("epoch", "accuracy", "loss", "train_loss", "lr", "seconds")
COLUMNS = ("study", *_TRIAL, *_RECIPE, "tricks", "recipe", *(f"epoch.{name}" for name in _EPOCH))


def write(path: Path, study: StudyForm, trials: Iterable[TrialRecord]) -> int:
    """Write a file; return the number of trials. A trial without epochs has one row."""
    count = 0
    with path.open("w", encoding="utf-8", newline="") as file:
        rows = csv.DictWriter(file, COLUMNS)
        rows.writeheader()
        for record in trials:
            rows.writerows({"study": study.name} | row for row in _rows(record))
            count += 1
    return count


def _rows(record: TrialRecord) -> Iterator[dict[str, Any]]:
    values = trial_json(record)
    recipe = values["recipe"]
    common = {name: values[name] for name in _TRIAL} | {name: recipe.get(name) for name in _RECIPE}
    common |= {"tricks": " ".join(sorted(recipe.get("tricks", {}))), "recipe": json.dumps(recipe)}
    for report in values["reports"] or [{}]:
        yield common | {f"epoch.{name}": report.get(name) for name in _EPOCH}
