"""Two recipes beside each other, as people and programs see them."""

from functools import partial
from typing import Any

from autotrick.analysis.comparison import Comparison, DifferingSetting, Pair
from autotrick.analysis.effects import Verdict
from autotrick.views import text
from autotrick.views.table import Column


def setting_columns(found: Comparison) -> tuple[Column[DifferingSetting], ...]:
    """Return the columns of what differs."""
    return (
        Column("Setting", lambda row: row.name),
        Column(found.first, lambda row: row.first, text.setting),
        Column(found.second, lambda row: row.second, text.setting),
    )


def pair_columns(found: Comparison) -> tuple[Column[Pair], ...]:
    """Return the columns of the pairs."""
    metric = found.metric
    written = partial(text.metric_text, metric=metric)
    unit = f" ({metric.difference_unit.strip()})" if metric.difference_unit else ""

    def difference(pair: Pair) -> float:
        return metric.scaled(pair.first.value or 0.0) - metric.scaled(pair.second.value or 0.0)

    return (
        Column("Seed", lambda pair: pair.seed, numeric=True),
        Column(found.first, lambda pair: pair.first.value, written, numeric=True),
        Column(found.second, lambda pair: pair.second.value, written, numeric=True),
        Column(f"Difference{unit}", difference, text.points, numeric=True),
        Column("Study", lambda pair: pair.first.study),
    )


def pair_json(pair: Pair) -> dict[str, Any]:
    """Return a pair as plain JSON."""
    return {
        "seed": pair.seed,
        "study": pair.first.study,
        "first_trial": pair.first.number,
        "second_trial": pair.second.number,
        "first": pair.first.value,
        "second": pair.second.value,
    }


def sentences(found: Comparison) -> list[str]:
    """Return by how much the first recipe is better, how sure that is, and what it costs."""
    metric = found.metric
    said = [
        f"{num} of {name} failed, and {'does' if num == 1 else 'do'} not count."
        for name, num in zip((found.first, found.second), found.failed, strict=True)
        if num
    ]
    if found.difference is None:
        return [*said, "No seed has complete trials of both."]
    ends = f"95 % interval {text.interval(found.low, found.high)}"
    if found.low is None:
        ends = "no interval with fewer than 3"
    what = {
        Verdict.HELPS: f"{found.first} is better",
        Verdict.HARMS: f"{found.second} is better",
        Verdict.NO_MATTER: "the two are equally good",
        Verdict.UNCLEAR: "cannot tell yet which is better",
    }[found.verdict]
    change = f"{text.points(found.difference)}{metric.difference_unit}"
    said.append(
        f"{found.first} less {found.second}: {change} ({ends}, {text.count(len(found.pairs), 'seed')}). "
        f"Verdict: {what}."
    )
    if found.verdict is Verdict.NO_MATTER:
        said.append(
            f"Differences within {found.precision:g}{metric.difference_unit} do not matter."
        )
    if found.cost is not None:
        said.append(f"An epoch of {found.first} takes {text.factor(found.cost)} the time.")
    return said
