"""A confirmation as people and programs see it."""

from dataclasses import asdict
from typing import Any

from autotrick.analysis.confirmation import Confirmation, ConfirmedRecipe, sentences, shown_gain
from autotrick.tasks import Metric
from autotrick.views import text
from autotrick.views.plain import plain
from autotrick.views.table import Column


def confirmation_json(found: Confirmation) -> dict[str, Any]:
    """Return a confirmation as plain JSON; differences are in the unit that people read."""
    rows = [asdict(row) | {"seeds": row.num} for row in found.rows]
    looks = [
        {"number": look.number, "forced": look.forced, "created": plain(look.created)}
        for look in found.looks
    ]
    return {
        "study": found.study,
        "parent": found.parent,
        "metric": found.metric.name,
        "seeds": list(found.seeds),
        "best": found.best,
        "confirmed": found.confirmed,
        "test_split": found.test_split,
        "test_gain": asdict(found.test_gain) if found.test_gain else None,
        "looks": looks,
        "recipes": rows,
        "sentences": sentences(found),
    }


def columns(found: Confirmation) -> tuple[Column[ConfirmedRecipe], ...]:
    """Return the columns of a confirmation's table."""
    metric = found.metric
    unit = f" ({metric.difference_unit.strip()})" if metric.difference_unit else ""
    shown: list[Column[ConfirmedRecipe]] = [
        Column("Recipe", lambda row: row.label),
        Column("Search", lambda row: metric.shown(row.searched), numeric=True),
        Column("Seeds", _seeds, numeric=True),
        Column("Confirmed (95 %)", lambda row: _mean(row, metric), numeric=True),
        Column(f"Gain{unit}", lambda row: _gain(row, metric), numeric=True),
    ]
    if any(row.test for row in found.rows):
        shown.append(Column("Test", lambda row: _test(row, metric), numeric=True))
    return (*shown, Column("Tricks", lambda row: text.listed(row.tricks)))


def _seeds(row: ConfirmedRecipe) -> str:
    failed = f", {row.failed} failed" if row.failed else ""
    return f"{row.num}{failed}{', ended' if row.dropped else ''}"


def _mean(row: ConfirmedRecipe, metric: Metric) -> str:
    if row.low is None or row.high is None:
        return metric.shown(row.mean)
    mean, low, high = (
        f"{metric.scaled(v or 0.0):.{metric.digits}f}" for v in (row.mean, row.low, row.high)
    )
    return f"{mean} ({low} to {high})"


def _gain(row: ConfirmedRecipe, metric: Metric) -> str:
    if row.role == "baseline":
        return ""
    return shown_gain(row.gain, metric).replace(metric.difference_unit, "", 1)


def _test(row: ConfirmedRecipe, metric: Metric) -> str:
    return metric.shown(row.test.mean) if row.test else ""
