"""A study as a table of two settings: the mean of the trials in each cell, with its doubt."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import sqrt
from statistics import fmean, stdev
from typing import Any

from autotrick.design.regression import Estimate, t_quantile
from autotrick.errors import FilterError, unknown
from autotrick.recipe import DataRef, Recipe
from autotrick.records.rows import TrialRow
from autotrick.tasks import Metric
from autotrick.tricks import TRICKS

_TWO = 2
_OFF, _OWN = "without", "as it is"


@dataclass(frozen=True, slots=True)
class PivotCell:
    """The whole trials that share two values.

    Attributes:
        estimate: Their mean in the unit that people read, with the 95 % interval where there are at
            least two that differ.
        num: How many they are.
    """

    estimate: Estimate
    num: int


@dataclass(frozen=True, slots=True)
class Pivot:
    """Rows x columns.

    Attributes:
        rows: Values of the settings in rows, in ascending order.
        columns: Of those in columns.
        cells: By row and column; without those that no whole trial has.
    """

    rows: tuple[str, ...]
    columns: tuple[str, ...]
    cells: dict[tuple[str, str], PivotCell]


def pivot(
    trials: Sequence[TrialRow],
    metric: Metric,
    *,
    rows: Sequence[str],
    columns: Sequence[str],
    error: bool = False,
) -> Pivot:
    """Return the mean of complete trials by the values of some settings.

    Args:
        rows: Names of settings: a field of the recipe, `data.` with one of its data, a trick, or a
            trick or an architecture with a setting (`mixup.alpha`, `fastnet.width`).
        columns: The same for columns.
        error: Give what is missing to the largest value, as papers tabulate it.

    Raises:
        FilterError: No trial has such a setting, or the metric has no largest value.
    """
    if error and (metric.most is None or not metric.larger):
        raise FilterError(
            f"{metric.title} has no error: that is what is missing to a largest value."
        )
    whole = [trial for trial in trials if trial.state == "complete" and trial.value is not None]
    readers = [_reader(names, [trial.recipe for trial in whole]) for names in (rows, columns)]
    grouped: dict[tuple[tuple[Any, ...], tuple[Any, ...]], list[float]] = {}
    for trial in whole:
        key = readers[0](trial.recipe), readers[1](trial.recipe)
        value = metric.scaled(trial.value or 0.0)
        grouped.setdefault(key, []).append(
            metric.scaled(metric.most or 0.0) - value if error else value
        )
    cells = {
        (_text(row, rows), _text(column, columns)): PivotCell(_mean(values), len(values))
        for (row, column), values in grouped.items()
    }
    heads = (
        tuple(_text(key, names) for key in sorted({k[i] for k in grouped}, key=_order))
        for i, names in enumerate((rows, columns))
    )
    return Pivot(next(heads), next(heads), cells)


def _reader(names: Sequence[str], recipes: Sequence[Recipe]) -> Callable[[Recipe], tuple[Any, ...]]:
    fields = {*Recipe.model_fields} - {"data", "tricks", "architecture_settings", "code"}
    known = {*fields, *(f"data.{name}" for name in DataRef.model_fields), *TRICKS}
    known |= {f"{t}.{s}" for r in recipes for t, held in r.tricks.items() for s in held}
    known |= {f"{r.architecture}.{s}" for r in recipes for s in r.architecture_settings}
    for name in names:
        if name not in known:
            raise FilterError(unknown("setting", name, sorted(known)))
    return lambda recipe: tuple(_value(recipe, name) for name in names)


def _value(recipe: Recipe, name: str) -> Any:
    if name in TRICKS:
        return name in recipe.tricks
    owner, _, setting = name.rpartition(".")
    if owner == "data":
        return getattr(recipe.data, setting)
    if not owner:
        return getattr(recipe, name)
    if owner == recipe.architecture:
        return recipe.architecture_settings.get(setting)
    return recipe.tricks.get(owner, {}).get(setting)


def _text(values: Sequence[Any], names: Sequence[str]) -> str:
    """Return the values of one row or column: names of tricks that are on, and settings as they are."""
    parts = []
    for value, name in zip(values, names, strict=True):
        if name in TRICKS:
            parts += [name] if value else []
        elif value is None:
            owner = name.rpartition(".")[0]
            parts.append(_OWN if owner in ("", "data") else f"{_OFF} {owner}")
        else:
            parts.append(f"{value:g}" if isinstance(value, float) else str(value))
    return " + ".join(parts) or f"{_OFF} {', '.join(names)}"


def _order(values: Sequence[Any]) -> list[tuple[bool, bool, Any]]:
    """Sort what is missing first, then numbers by size and others by name."""
    return [
        (value is not None, isinstance(value, str), 0 if value is None else value)
        for value in values
    ]


def _mean(values: Sequence[float]) -> Estimate:
    mean = fmean(values)
    if len(values) < _TWO or (spread := stdev(values)) == 0:
        return Estimate(mean)
    reach = t_quantile(len(values) - 1) * spread / sqrt(len(values))
    return Estimate(mean, mean - reach, mean + reach)
