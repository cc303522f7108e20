"""One trial, whole."""

import json
from collections.abc import Sequence
from functools import partial
from typing import Any

from autotrick.cli.output import (
    console,
    duration,
    headed,
    measure_text,
    trial_json,
)
from autotrick.cli.tables import print_table
from autotrick.recipe import EpochReport
from autotrick.records.rows import AttemptRow, TrialRow
from autotrick.tasks import ACCURACY, Metric
from autotrick.tasks import find as find_task


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
    state = f": {row.state}{why}, {row.value_metric.shown(row.value)}"
    out.print(headed(f"Trial {row.number} of {row.study}", state))
    size = f", {row.parameters:,} weights" if row.parameters else ""
    out.print(f"proposed by {row.origin}; recipe {row.digest}{size}; weights {row.weights or '-'}")
    further = ("multiply_adds", "latency_ms", "robustness", "memory")
    known = {name: v for name in further if (v := getattr(row, name)) is not None}
    if row.weighed:
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
    metrics = list(reports[-1].metrics) if reports else [row.metric]
    titles = [f">{name.replace('_', ' ')}" for name in metrics]
    columns = [">epoch", *titles, ">loss", ">train loss", ">lr", ">time", "weights"]
    agreement = find_task(row.recipe.task).agreement or ""
    extras = [
        (title, cell)
        for key, title, cell in (
            (f"raw_{row.metric}", ">over raw", partial(gain, row.value_metric)),
            (agreement, ">on mixed", partial(_on_mixed, agreement)),
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
        *(measure_text(name, value) for name, value in report.metrics.items()),
        f"{report.loss:.4f}",
        f"{report.train_loss:.4f}",
        f"{report.lr:.4g}",
        duration(report.seconds),
        report.weights,
    )


def gain(metric: Metric, report: EpochReport) -> str:
    """Return by how much the network that is handed over differs from the one being trained."""
    raw = report.extra.get(f"raw_{metric.name}")
    if raw is None:
        return "-"
    return f"{metric.scaled(report.metrics[metric.name] - raw):+.{metric.digits}f}"


def _on_mixed(agreement: str, report: EpochReport) -> str:
    """Return how far predictions agree with mixed targets: not to be compared with the metric."""
    return ACCURACY.shown(report.extra.get(agreement))


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
