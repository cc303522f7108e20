"""One trial, whole."""

import json
from collections.abc import Sequence
from typing import Any

from autotrick.cli.output import (
    console,
    duration,
    headed,
    measure_text,
    percent,
    trial_json,
)
from autotrick.cli.tables import print_table
from autotrick.recipe import EpochReport
from autotrick.records.rows import AttemptRow, TrialRow


def detail_json(
    row: TrialRow, reports: Sequence[EpochReport], attempts: Sequence[AttemptRow]
) -> dict[str, Any]:
    """Return all that is on record about a trial."""
    curve = [report.model_dump(mode="json") for report in reports]
    return trial_json(row) | {"reports": curve, "tries": [_attempt_json(a) for a in attempts]}


def _attempt_json(attempt: AttemptRow) -> dict[str, Any]:
    return {
        "attempt": attempt.number,
        "state": attempt.state,
        "reason": attempt.reason,
        "started": attempt.started.isoformat(),
        "ended": attempt.ended.isoformat() if attempt.ended else None,
        "environment": attempt.environment,
    }


def print_detail(
    row: TrialRow, reports: Sequence[EpochReport], attempts: Sequence[AttemptRow]
) -> None:
    """Print a trial for people."""
    out = console()
    why = f" ({row.reason})" if row.reason else ""
    state = f": {row.state}{why}, {percent(row.value)}"
    out.print(headed(f"Trial {row.number} of {row.study}", state))
    size = f", {row.parameters:,} weights" if row.parameters else ""
    out.print(f"proposed by {row.origin}; recipe {row.digest}{size}; weights {row.weights or '-'}")
    further = ("multiply_adds", "latency_ms", "robustness", "memory")
    known = {name: v for name in further if (v := getattr(row, name)) is not None}
    if row.score is not None:
        known["score"] = row.score
    if known:
        out.print(", ".join(f"{name} {measure_text(name, v)}" for name, v in known.items()))
    recipe = row.recipe.model_dump(mode="json")
    tricks = recipe.pop("tricks")
    settings = [(name, _text(value)) for name, value in recipe.items()]
    if row.lr is not None:
        settings.append(("lr (resolved)", f"{row.lr:.4g}"))
    print_table("Recipe", ("setting", "value"), settings)
    print_table("Tricks", ("trick", "settings"), [(name, _text(v)) for name, v in tricks.items()])
    columns = [">epoch", ">accuracy", ">loss", ">train loss", ">lr", ">time", "weights"]
    extras = [
        (title, cell)
        for key, title, cell in (
            ("raw_accuracy", ">over raw", gain),
            ("mixed_accuracy", ">on mixed", _on_mixed),
        )
        if any(key in report.extra for report in reports)
    ]
    print_table(
        "Epochs",
        [*columns, *(title for title, _ in extras)],
        [(*_report_cells(report), *(cell(report) for _, cell in extras)) for report in reports],
    )
    for attempt in attempts:
        print_attempt(attempt)


def _report_cells(report: EpochReport) -> tuple[str, ...]:
    return (
        str(report.epoch),
        percent(report.accuracy),
        f"{report.loss:.4f}",
        f"{report.train_loss:.4f}",
        f"{report.lr:.4g}",
        duration(report.seconds),
        report.weights,
    )


def gain(report: EpochReport) -> str:
    """Return by how many points the network that is handed over beats the one being trained."""
    raw = report.extra.get("raw_accuracy")
    return "-" if raw is None else f"{100 * (report.accuracy - raw):+.2f}"


def _on_mixed(report: EpochReport) -> str:
    """Return the accuracy on training images that were mixed: not to be compared with accuracy."""
    return percent(report.extra.get("mixed_accuracy"))


def print_attempt(attempt: AttemptRow) -> None:
    """Print one execution of a trial and where it ran."""
    out = console()
    why = f" ({attempt.reason})" if attempt.reason else ""
    took = (
        f", {duration((attempt.ended - attempt.started).total_seconds())}" if attempt.ended else ""
    )
    out.print(headed(f"Attempt {attempt.number}", f": {attempt.state}{why}{took}"))
    facts = attempt.environment or {}
    known = (f"{key} {value}" for key, value in facts.items() if value is not None)
    out.print("  " + ", ".join(known), style="dim")


def _text(value: Any) -> str:
    if isinstance(value, dict | list):
        return json.dumps(value) if value else "-"
    return f"{value:.4g}" if isinstance(value, float) else str(value)
