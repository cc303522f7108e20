"""The tables of a report as plain text, for the page and for the dashboard."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from autotrick.analysis.combinations import Combination
from autotrick.analysis.effects import TrickEffect
from autotrick.analysis.progress import ranked
from autotrick.data import Facts
from autotrick.measures import metric_like, worded
from autotrick.objective import Objective
from autotrick.recipe import Fidelity, Leg, Recipe
from autotrick.records.rows import RejectionRow, TrialRow, common_metric
from autotrick.report.sentences import (
    batch,
    duration,
    interval,
    listed,
    rate,
    shown,
    signed,
    tricks_of,
)
from autotrick.report.theme import titled
from autotrick.tasks import ACCURACY, Metric
from autotrick.tricks import peak_lr

_DASH = "\N{EN DASH}"
_SHORT = {
    "latency_ms": "Latency (ms)",
    "multiply_adds": "Multiply-adds",
    "robustness": "On corrupted",
}
"""Titles for tables, which have many columns."""

_SHOWN = ("parameters", "seconds")
"""Measures that every leaderboard has, beside the metric."""

_APART = {"data", "architecture", "architecture_settings", "tricks", "course", "fidelity"}
"""Fields of a recipe that have lines of their own."""


@dataclass(frozen=True, slots=True)
class Table:
    """Columns and rows of text.

    Attributes:
        head: Titles of the columns.
        rows: Cells; as many a row as there are titles.
        numeric: Indices of the columns that are numbers, set flush right.
    """

    head: tuple[str, ...]
    rows: Sequence[tuple[str, ...]]
    numeric: frozenset[int] = frozenset()


def leaderboard(
    trials: Sequence[TrialRow], objective: Objective | None = None, *, limit: int = 10
) -> Table:
    """Return the best complete trials, with what their study looks for beside the metric."""
    metric = common_metric(trials)
    wanted = (*objective.names, *objective.also) if objective else ()
    more = [name for name in dict.fromkeys(wanted) if name not in (metric.name, *_SHOWN)]
    scored = any(trial.weighed for trial in trials)
    titles = [_SHORT[name] for name in more] + ["Score"] * scored
    head = ("Trial", titled(metric.title), *titles)
    head += ("Tricks", "Architecture", "Base rate", "Rate", "Batch", "Weights", "Time")
    rows = [
        (
            str(trial.number),
            shown(metric, trial.value),
            *(_measured(name, trial.measures.get(name)) for name in more),
            *([_measured("score", trial.score)] * scored),
            tricks_of(trial.recipe),
            trial.recipe.architecture,
            f"{trial.recipe.base_lr:.3g}",
            rate(trial.lr),
            batch(trial.recipe),
            _DASH if trial.parameters is None else f"{trial.parameters:,}",
            duration(trial.seconds),
        )
        for trial in ranked(trials)[:limit]
    ]
    return Table(head, rows, frozenset(range(len(head))) - {len(titles) + 2, len(titles) + 3})


def _measured(name: str, value: float | None) -> str:
    if value is None:
        return _DASH
    if (metric := metric_like(name)) is not None:
        return shown(metric, value)
    return f"{value:,.0f}" if name == "multiply_adds" else f"{value:.4g}"


def tricks(effects: Sequence[TrickEffect], metric: Metric = ACCURACY) -> Table:
    """Return every trick's effect with its interval, its trials and its cost."""
    unit = f" ({metric.difference_unit.strip()})" if metric.difference_unit else ""
    head: tuple[str, ...] = ("Trick", f"Effect{unit}", "95 % interval", "With", "Without", "Time")
    rows: list[tuple[str, ...]] = [
        (
            listed([row.trick]),
            signed(row.effect),
            interval(row.low, row.high),
            str(row.num_with),
            str(row.num_without),
            _cost(row),
        )
        for row in effects
    ]
    remarks = [_remark(row) for row in effects]
    if any(remarks):
        head += ("Remark",)
        rows = [(*row, remark) for row, remark in zip(rows, remarks, strict=True)]
    return Table(head, rows, frozenset({1, 2, 3, 4, 5}))


def combinations(
    found: Sequence[Combination], metric: Metric = ACCURACY, *, limit: int = 10
) -> Table:
    """Return the combinations that are best by the bound of their mean."""
    head = ("Tricks", "n", "Mean", titled(metric.bound), "Best", "Best trial", "Pruned", "Failed")
    rows = [
        (
            listed(row.tricks) or "no tricks",
            str(row.num),
            shown(metric, row.mean),
            shown(metric, row.low),
            shown(metric, row.best),
            str(row.best_trial),
            str(row.num_pruned),
            str(row.num_failed),
        )
        for row in found[:limit]
    ]
    return Table(head, rows, frozenset(range(1, 8)))


def constraints(
    bounds: Mapping[str, float], trials: Sequence[TrialRow], refusals: Sequence[RejectionRow]
) -> Table:
    """Return what each constraint turned away, and what the trials have of what it bounds."""
    head = ("Constraint", "At most", "Turned away", "Those have", "Trials", "These have")
    away: dict[str, list[float]] = {name: [] for name in bounds}
    for row in refusals:
        away.setdefault(row.measure, []).append(row.value)
    rows = []
    for name, values in away.items():
        known = [getattr(trial, name, None) for trial in trials]
        kept = [float(value) for value in known if value is not None]
        bound = worded(name, bounds[name]) if name in bounds else "no bound any more"
        counts = (f"{len(values):,}", _range(name, values), f"{len(kept):,}", _range(name, kept))
        rows.append((name, bound, *counts))
    return Table(head, rows, frozenset(range(1, 6)))


def _range(name: str, values: Sequence[float]) -> str:
    if not values:
        return _DASH
    low, high = worded(name, min(values)), worded(name, max(values))
    return low if low == high else f"{low} to {high}"


def images(facts: Facts, *, limit: int = 30) -> Table:
    """Return how many images of each class the splits have, those of many classes shortened."""
    splits = list(facts.counts)
    rows = [
        (name, *(f"{facts.counts[split][number]:,}" for split in splits))
        for number, name in enumerate(facts.classes[:limit])
    ]
    if rest := len(facts.classes) - limit if len(facts.classes) > limit else 0:
        others = (f"{sum(facts.counts[split][limit:]):,}" for split in splits)
        rows.append((f"{rest:,} further classes", *others))
    rows.append(("all", *(f"{sum(facts.counts[split]):,}" for split in splits)))
    return Table(("Class", *splits), rows, frozenset(range(1, len(splits) + 1)))


def recipe(found: Recipe) -> tuple[Table, Table]:
    """Return what a recipe says: its settings, and its tricks with theirs."""
    rows = [("images", found.data.name), ("architecture", found.architecture)]
    rows += [(key, _text(value)) for key, value in found.architecture_settings.items()]
    for name, value in found.model_dump(mode="json").items():
        if name not in _APART:
            rows.append((name.replace("_", " "), _text(value)))
            if name == "base_lr":
                rows.append(("peak learning rate", _text(peak_lr(found))))
    if found.fidelity:
        rows.append(("fidelity", _fidelity(found.fidelity)))
    rows += [(f"after epoch {leg.after}", _leg(leg)) for leg in found.course]
    on = [(listed([name]), _settings(settings)) for name, settings in found.tricks.items()]
    return Table(("Setting", "Value"), rows), Table(("Trick", "Its settings"), on)


def _settings(settings: Mapping[str, Any]) -> str:
    return ", ".join(f"{key} {_text(value)}" for key, value in settings.items())


def _leg(leg: Leg) -> str:
    fields = [f"{listed([name])} {_text(value)}" for name, value in leg.fields.items()]
    tricks = [f"{listed([name])} {_settings(found)}" for name, found in leg.tricks.items()]
    return "; ".join([*fields, *tricks])


def _fidelity(found: Fidelity) -> str:
    parts = ", ".join(f"{100 * share:.3g} % until epoch {epoch}" for epoch, share in found.rungs)
    return f"{'images' if found.of == 'data' else 'pixels of an image'}: {parts}"


def environment(facts: Mapping[str, Any]) -> Table:
    """Return where a trial ran, nested facts with dotted names; what is not known is left out."""
    return Table(("Fact", "Value"), sorted(_flat("", facts)))


def _flat(prefix: str, facts: Mapping[str, Any]) -> list[tuple[str, ...]]:
    rows: list[tuple[str, ...]] = []
    for key, value in facts.items():
        name = f"{prefix}{key}"
        if isinstance(value, Mapping):
            rows += _flat(f"{name}.", value)
        elif value is not None:
            rows.append((name, _text(value)))
    return rows


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:.4g}"
    return f"{len(value)} entries" if isinstance(value, list) else str(value)


def _cost(row: TrickEffect) -> str:
    if row.cost is None:
        return _DASH
    if row.cost_low is None or row.cost_high is None:
        return f"x {row.cost:.2f}"
    return f"x {row.cost:.2f} ({row.cost_low:.2f} to {row.cost_high:.2f})"


def _remark(row: TrickEffect) -> str:
    verdict = {True: "helps", False: "harms", None: ""}[row.helps]
    against = f"compared with {listed(row.against)}" if row.against else ""
    note = row.note if row.adjusted else ""  # what stands below the figure says it of all
    return "; ".join(part for part in (verdict, against, note) if part)
