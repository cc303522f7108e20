"""The tables of a report, for the page and for the dashboard."""

from collections.abc import Mapping, Sequence
from typing import Any

from autotrick.analysis.combinations import Combination
from autotrick.analysis.effects import TrickEffect
from autotrick.analysis.progress import ranked
from autotrick.measures import worded
from autotrick.objective import Objective
from autotrick.recipe import Fidelity, Leg, Recipe
from autotrick.records.rows import RejectionRow, TrialRow, common_metric
from autotrick.tasks import ACCURACY, Metric
from autotrick.tricks import peak_lr
from autotrick.views import columns, text, trick_columns
from autotrick.views.table import Column, TextTable
from autotrick.views.trial import TrialView
from autotrick.views.trick import CombinationView, EffectView

_APART = {"data", "architecture", "architecture_settings", "tricks", "course", "fidelity"}
"""Fields of a recipe that have lines of their own."""


def leaderboard(
    trials: Sequence[TrialRow], objective: Objective | None = None, *, limit: int = 10
) -> TextTable:
    """Return the best complete trials, with every measure that the objective names."""
    metric = common_metric(trials)
    scored = any(trial.weighed for trial in trials)
    shown = (metric.name, "parameters", "seconds")
    also = columns.counted(objective or Objective(), scored=scored, shown=shown)
    wanted = (
        *(columns.NUMBER, columns.value(metric), *also, columns.TRICKS, columns.ARCHITECTURE),
        *(columns.BASE_LR, columns.LR, columns.BATCH, columns.WEIGHTS, columns.TIME),
    )
    return TextTable.of(wanted, map(TrialView.of, ranked(trials)[:limit]))


def tricks(effects: Sequence[TrickEffect], metric: Metric = ACCURACY) -> TextTable:
    """Return every trick's verdict and effect with its interval, its number of trials and its cost.

    A remark that holds for all of them is left to `remark`.
    """
    wanted: list[Column[EffectView]] = [
        *(
            trick_columns.TRICK,
            _VERDICT,
            trick_columns.effect(metric),
            trick_columns.INTERVAL,
            trick_columns.NUM_WITH,
        ),
        *(trick_columns.NUM_WITHOUT, trick_columns.COST_WITH_INTERVAL),
    ]
    views = [EffectView.of("", effect) for effect in effects]
    if any(effect.needed for effect in effects):
        wanted.append(_NEEDED)
    if any(map(_remark, views)) and not remark(effects):
        wanted.append(_REMARK)
    return TextTable.of(wanted, views)


def remark(effects: Sequence[TrickEffect]) -> str:
    """Return the remark that all tricks share, as a sentence; empty if they differ."""
    notes = {_remark(EffectView.of("", effect)) for effect in effects}
    shared = notes.pop() if len(notes) == 1 and len(effects) > 1 else ""
    return f"All tricks: {shared}." if shared else ""


def _remark(effect: EffectView) -> str:
    against = f"compared with {text.listed(effect.against)}" if effect.against else ""
    early = "" if effect.final else f"at epoch {effect.epoch} of {effect.epochs}, not the end"
    parts = (against, early, effect.note, _diverged(effect))
    return "; ".join(part for part in parts if part)


def _diverged(effect: EffectView) -> str:
    """Return how often training diverged, and what the effect is with these trials: empty if never."""
    with_it, without = effect.diverged_with or 0.0, effect.diverged_without or 0.0
    if not (with_it or without):
        return ""
    said = f"diverged: {100 * with_it:.0f} % with it, {100 * without:.0f} % without"
    if effect.effect_with_diverged is None:
        return said
    return f"{said}; {text.points(effect.effect_with_diverged)} with these trials"


_VERDICT = Column[EffectView]("Verdict", lambda effect: effect.verdict.value)
_NEEDED = Column[EffectView](
    "More trials", lambda row: row.needed, lambda n: f"about {n:,}" if n else "", numeric=True
)
_REMARK = Column[EffectView]("Remark", _remark)


def screen(trials: Sequence[TrialRow], metric: Metric = ACCURACY) -> TextTable:
    """Return the design table of a screen: a row a trial, a column a factor; empty cells are off.

    Returns:
        Without rows if no trial belongs to a screen.
    """
    rows = [
        (trial.design.get("half", 0), trial.design.get("row", trial.number), trial)
        for trial in trials
        if trial.phase == "screen" and trial.design and trial.design.get("levels")
    ]
    rows.sort(key=lambda row: (*row[:2], row[2].number))
    factors = list(dict.fromkeys(name for *_, trial in rows for name in _levels(trial)))
    head = ("Trial", "Half", *(_factor(name) for name in factors), metric.title.capitalize())
    cells = [
        (
            str(trial.number),
            str(half + 1),
            *(_level(name, _levels(trial).get(name, "off")) for name in factors),
            text.metric_text(trial.value, metric) if trial.state == "complete" else trial.state,
        )
        for half, _, trial in rows
    ]
    return TextTable(head, cells, frozenset({0, 1, len(head) - 1}))


def _levels(trial: TrialRow) -> Mapping[str, str]:
    found: Mapping[str, str] = (trial.design or {}).get("levels", {})
    return found


def _factor(name: str) -> str:
    return text.listed([name.removeprefix("slot.")])


def _level(factor: str, level: str) -> str:
    if level == "off":
        return ""
    return "on" if level == factor else text.listed([level])


def combinations(
    found: Sequence[Combination], metric: Metric = ACCURACY, *, limit: int = 10
) -> TextTable:
    """Return the combinations that are best by the bound of their mean."""
    views = [CombinationView.of("", row) for row in found[:limit]]
    predicted = any(row.predicted is not None for row in views)
    return TextTable.of(trick_columns.combinations(metric, predicted=predicted), views)


def constraints(
    bounds: Mapping[str, float], trials: Sequence[TrialRow], rejections: Sequence[RejectionRow]
) -> TextTable:
    """Return how many proposals each constraint rejected, and the values of those and of the trials."""
    head = ("Constraint", "At most", "Rejected", "Their values", "Trials", "Trials' values")
    rejected: dict[str, list[float]] = {name: [] for name in bounds}
    for row in rejections:
        rejected.setdefault(row.measure, []).append(row.value)
    rows = []
    for name, values in rejected.items():
        known = [getattr(trial, name, None) for trial in trials]
        kept = [float(value) for value in known if value is not None]
        bound = worded(name, bounds[name]) if name in bounds else "removed"
        counts = (f"{len(values):,}", _range(name, values), f"{len(kept):,}", _range(name, kept))
        rows.append((name, bound, *counts))
    return TextTable(head, rows, frozenset(range(1, 6)))


def _range(name: str, values: Sequence[float]) -> str:
    if not values:
        return text.DASH
    low, high = worded(name, min(values)), worded(name, max(values))
    return low if low == high else f"{low} to {high}"


def recipe(found: Recipe) -> tuple[TextTable, TextTable]:
    """Return a recipe's settings, and its tricks with their settings."""
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
    on = [(text.listed([name]), _settings(settings)) for name, settings in found.tricks.items()]
    return TextTable(("Setting", "Value"), rows), TextTable(("Trick", "Settings"), on)


def _settings(settings: Mapping[str, Any]) -> str:
    return ", ".join(f"{key} {_text(value)}" for key, value in settings.items())


def _leg(leg: Leg) -> str:
    fields = [f"{text.listed([name])} {_text(value)}" for name, value in leg.fields.items()]
    tricks = [f"{text.listed([name])} {_settings(found)}" for name, found in leg.tricks.items()]
    return "; ".join([*fields, *tricks])


def _fidelity(found: Fidelity) -> str:
    parts = ", ".join(f"{100 * share:.3g} % until epoch {epoch}" for epoch, share in found.rungs)
    return f"{'images' if found.of == 'data' else 'pixels of an image'}: {parts}"


def environment(facts: Mapping[str, Any]) -> TextTable:
    """Return where a trial ran: nested facts under dotted names, without those that are not known."""
    return TextTable(("Fact", "Value"), sorted(_flat("", facts)))


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
    return f"{len(value)} entries" if isinstance(value, list) else text.setting(value)
