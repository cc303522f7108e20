"""What an ablation found, as people and programs see it."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any

from autotrick.analysis.ablation import SWAPPED, Ablation, AblationRow
from autotrick.analysis.effects import Verdict
from autotrick.tasks import Metric
from autotrick.views import text
from autotrick.views.plain import plain
from autotrick.views.table import Column


@dataclass(frozen=True, slots=True)
class AblationRowView:
    """What a trick changes in one recipe; `AblationRow` says what its fields mean."""

    study: str
    trick: str
    change: str
    label: str
    removed: tuple[str, ...]
    added: tuple[str, ...]
    effect: float | None
    low: float | None
    high: float | None
    num: int
    cost: float | None
    failed: int
    reason: str
    verdict: Verdict

    @classmethod
    def of(cls, study: str, row: AblationRow) -> "AblationRowView":
        """Return the view of a row."""
        names = [field.name for field in fields(cls) if field.name != "study"]
        return cls(study=study, **{name: getattr(row, name) for name in names})

    def to_json(self) -> dict[str, Any]:
        """Return the row as plain JSON."""
        return {field.name: plain(getattr(self, field.name)) for field in fields(self)}


def views(found: Ablation) -> list[AblationRowView]:
    """Return the views of an ablation's rows."""
    return [AblationRowView.of(found.study, row) for row in found.rows]


def minimal_json(found: Ablation) -> dict[str, Any]:
    """Return what can be dropped for free as plain JSON; the key `minimal` tells it from other rows."""
    smallest = asdict(found.minimal) if found.minimal else None
    return {
        "study": found.study,
        "parent": found.parent,
        "trial": found.trial,
        "reference": found.reference,
        "tricks": list(found.tricks),
        "value": found.value,
        "seeds": found.num,
        "precision": found.precision,
        "finished": found.finished,
        "minimal": smallest and {name: plain(value) for name, value in smallest.items()},
    }


def columns(metric: Metric) -> tuple[Column[AblationRowView], ...]:
    """Return the columns of an ablation."""
    unit = f" ({metric.difference_unit.strip()})" if metric.difference_unit else ""
    return (
        Column("Trick", lambda row: row.trick),
        Column("Change", change),
        Column(f"Effect{unit}", lambda row: row.effect, text.points, numeric=True),
        Column("95 % interval", lambda row: text.interval(row.low, row.high), numeric=True),
        Column("Seeds", lambda row: row.num, text.number, numeric=True),
        Column("Time", lambda row: row.cost, text.factor, numeric=True),
        Column("Verdict", lambda row: row.verdict.value),
    )


def change(row: AblationRowView) -> str:
    """Return how a recipe differs from the reference: `left out`, `added`, `for mixup`."""
    if row.change == SWAPPED:
        return f"for {', '.join(row.removed)}"
    others = [name for name in (*row.removed, *row.added) if name != row.trick]
    return f"{row.change} with {', '.join(others)}" if others else row.change


def sentences(found: Ablation) -> list[str]:
    """Return what the reference reaches, which recipes failed, and what can be dropped for free."""
    metric = found.metric
    said = [
        f"{found.reference} of {found.parent or 'a deleted study'} has "
        f"{text.metric_text(found.value, metric)}, the mean of {text.count(found.num, 'new seed')}."
    ]
    said += [
        f"Training {row.label} failed ({row.reason}; {row.failed} of "
        f"{text.count(row.num + row.failed, 'seed')})."
        for row in found.rows
        if row.failed
    ]
    return said + _dropped(found)


def _dropped(found: Ablation) -> list[str]:
    """Return what can be dropped for free."""
    small = found.minimal
    if small is None:
        return ["What can be dropped for free is known when the ablation has ended."]
    within = found.metric.shown_difference(found.precision / found.metric.factor).lstrip("+")
    said = []
    if small.failed_to and set(small.failed_to) != set(small.removed):
        together = " together" if len(small.failed_to) > 1 else ""
        said.append(f"Without {_and(small.failed_to)}{together} it may lose more than {within}.")
    if not small.removed:
        return [*said, f"Nothing else was shown to cost less than {within} when it is left out."]
    ends = f"{text.interval(small.low, small.high)}, {text.count(small.num, 'seed')}"
    said.append(
        f"Free to drop: {_and(small.removed)}. Without {'it' if len(small.removed) == 1 else 'them'} the "
        f"change is {text.points(small.difference)}{found.metric.difference_unit} ({ends}), no loss of "
        f"{within} or more. That recipe, with {_and(small.tricks) or 'no tricks'}, is trial {small.trial} "
        f"of {found.study}."
    )
    return said


def _and(names: Sequence[str]) -> str:
    *most, last = names or ("",)
    return f"{', '.join(most)} and {last}" if most else last
