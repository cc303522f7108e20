"""What varies among trials beside their tricks and architectures, as columns of numbers.

The columns are found by walking the recipes, so that a field which a recipe gains is among them.
Numbers come as they are, or as logarithms where they span much; a number's square stands beside it,
for most settings have a best value in between. Names come as a column for each level. What only some
trials have (the setting of a trick that is on, the width of one architecture) is centred among these
and 0 in the others, so that a trick's coefficient is its effect at the mean of its settings.
"""

import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel

from autotrick.design.regression import Array
from autotrick.domain import Value
from autotrick.recipe import Recipe
from autotrick.tricks import TRICKS, peak_lr

Mask = NDArray[np.bool_]
Kind = Literal["field", "curve", "setting"]

LR = "lr"
"""The resolved learning rate, which counts before the base rate that it comes from."""

_LEAST_SPREAD = 1e-9
_SPAN_FOR_LOG = 3.0
_LEAST_LEVEL = 3
_MOST_LEVELS, _ALL_LEVELS = 4, 20
_TWO = 2
_NAMES = ("seed", "data.split_seed")
"""Whole numbers that name something and measure nothing."""

_OWN = {"base_lr": "lr", "weight_decay": "weight_decay", "momentum": "momentum"}
"""Fields of a recipe that an optimizer's setting of this name takes the place of."""


class _Place(NamedTuple):
    """Where a value stands in a recipe, by what `Covariate` says of it."""

    name: str
    kind: Kind = "field"
    trick: str | None = None


@dataclass(frozen=True, slots=True)
class Covariate:
    """One column.

    Attributes:
        name: Of the setting, as a space names it.
        values: (N,) centred and scaled.
        kind: `field`: of every recipe, or of its architecture; `curve`: the square of one, or another
            rate of its own; `setting`: of a trick, an entry of a list, or a name with many levels.
        trick: Whose setting it is, or None.
        presence: Whether it says only which trials have the setting.
    """

    name: str
    values: Array
    kind: Kind
    trick: str | None = None
    presence: bool = False


def covariates(recipes: Sequence[Recipe]) -> list[Covariate]:
    """Return the columns of all that varies, the learning rate first; equal columns come once."""
    found: dict[bytes, Covariate] = {}
    for column in _all(recipes):
        found.setdefault(column.values.tobytes(), column)
    return list(found.values())


def _all(recipes: Sequence[Recipe]) -> Iterator[Covariate]:
    yield from _rates(recipes)
    for place, known in _values(recipes).items():
        if place.name in _OWN:
            own = {i for i in known if _has_own(recipes[i], _OWN[place.name])}
            used = {i: value for i, value in known.items() if i not in own}
            yield from _columns(place, used, len(recipes))
            # Muon and LARS follow the recipe's rate with some of the weights.
            beside = {i: value for i, value in known.items() if i in own}
            yield from _columns(place._replace(kind="setting"), beside, len(recipes))
        else:
            yield from _columns(place, known, len(recipes))


def _rates(recipes: Sequence[Recipe]) -> Iterator[Covariate]:
    """Give the log of the resolved rates, centred among the trials of each optimizer.

    Rates of different optimizers do not compare: Adam's are a hundredth of SGD's.
    """
    rates = np.array([peak_lr(recipe) for recipe in recipes])
    logs = np.log(np.clip(rates, sys.float_info.min, sys.float_info.max))
    optimizers = [next((name for name in r.tricks if _brings(name, "lr")), "") for r in recipes]
    for name in set(optimizers):
        mine = np.array([optimizer == name for optimizer in optimizers])
        logs[mine] -= logs[mine].mean()
    yield from _curved(_Place(LR), logs, np.ones(len(recipes), bool))


def _values(recipes: Sequence[Recipe]) -> dict[_Place, dict[int, Value]]:
    """Return all that varies but architectures and tricks, by the number of the recipe that has it."""
    found: dict[_Place, dict[int, Value]] = defaultdict(dict)
    for field in Recipe.model_fields:
        entries = [getattr(recipe, field) for recipe in recipes]
        # Code goes with the architecture and the tricks that it is of.
        if field in ("architecture", "code") or all(entry == entries[0] for entry in entries):
            continue
        for i, (recipe, entry) in enumerate(zip(recipes, entries, strict=True)):
            for place, value in _parts(recipe, field, entry):
                found[place][i] = value
    return found


def _parts(recipe: Recipe, field: str, entry: Any) -> Iterator[tuple[_Place, Value]]:
    if field == "architecture_settings":
        for name, value in entry.items():
            yield from _leaves(f"{recipe.architecture}.{name}", "field", None, value)
    elif field == "tricks":
        for trick, settings in entry.items():
            for name, value in {**_defaults(trick), **settings}.items():
                yield from _leaves(f"{trick}.{name}", "setting", trick, value)
    else:
        yield from _leaves(field, "field", None, entry)


def _leaves(name: str, kind: Kind, trick: str | None, value: Any) -> Iterator[tuple[_Place, Value]]:
    if isinstance(value, bool | int | float | str):
        yield _Place(name, kind, trick), value
    elif isinstance(value, BaseModel):
        for key, entry in dict(value).items():
            yield from _leaves(f"{name}.{key}", kind, trick, entry)
    elif value is not None:
        pairs: Iterable[tuple[Any, Any]] = (
            value.items() if isinstance(value, Mapping) else enumerate(value)
        )
        yield _Place(f"{name}.length", "setting", trick), len(value)
        for key, entry in pairs:
            yield from _leaves(f"{name}.{key}", "setting", trick, entry)


@cache
def _defaults(trick: str) -> Mapping[str, Value]:
    known = TRICKS[trick].settings() if trick in TRICKS else ()
    return {setting.name: setting.default for setting in known}


def _has_own(recipe: Recipe, setting: str) -> bool:
    return any(_brings(trick, setting) for trick in recipe.tricks)


@cache
def _brings(trick: str, setting: str) -> bool:
    """Return whether a trick is an optimizer with a setting of that name."""
    known = trick in TRICKS and TRICKS[trick].slot == "optimizer"
    return known and setting in _defaults(trick)


def _columns(place: _Place, known: Mapping[int, Value], count: int) -> Iterator[Covariate]:
    """Give the columns of one setting.

    Args:
        known: Its value by the place of the trial, of those that have it.
        count: Of all trials.
    """
    mask = np.zeros(count, bool)
    mask[list(known)] = True
    whole = np.ones(count, bool)
    yield from (replace(c, presence=True) for c in _column(place, mask.astype(float), whole))
    if place.name in _NAMES or any(isinstance(value, bool | str) for value in known.values()):
        yield from _levels(place, known, mask)
        return
    numbers = np.zeros(count)
    for i, value in known.items():
        assert isinstance(value, int | float)
        numbers[i] = max(-sys.float_info.max, min(value, sys.float_info.max))
    yield from _numbers(place, numbers, mask)


def _levels(place: _Place, known: Mapping[int, Value], mask: Mask) -> Iterator[Covariate]:
    """Give a column for each level but the most common one; those of few trials go with that."""
    counts = Counter(map(str, known.values())).most_common(_ALL_LEVELS)
    levels = [level for level, num in counts[1:] if num >= _LEAST_LEVEL]
    if len(levels) >= _MOST_LEVELS:
        place = place._replace(kind="setting")
    for level in levels:
        here = np.zeros(len(mask))
        here[[i for i, value in known.items() if str(value) == level]] = 1.0
        yield from _column(place, here, mask)


def _numbers(place: _Place, numbers: Array, mask: Mask) -> Iterator[Covariate]:
    """Give the columns of numbers, which are logarithms where they are positive and span much."""
    positive = mask & (numbers > 0)
    if (numbers[mask] >= 0).all() and _spans(numbers[positive]):
        yield from _column(place, (mask & ~positive).astype(float), mask)
        yield from _curved(place, np.log(np.where(positive, numbers, 1.0)), positive)
    else:
        most = np.abs(numbers[mask]).max(initial=0.0)
        yield from _curved(place, numbers / (most or 1.0), mask)


def _curved(place: _Place, numbers: Array, mask: Mask) -> Iterator[Covariate]:
    """Give numbers and their squares."""
    for linear in _column(place, numbers, mask):
        yield linear
        if len(np.unique(linear.values[mask].round(9))) > _TWO:
            curve = place._replace(kind="curve") if place.kind == "field" else place
            yield from _column(curve, np.square(linear.values), mask)


def _spans(values: Array) -> bool:
    return len(values) > 0 and bool(values.max() / _SPAN_FOR_LOG >= values.min())


def _column(place: _Place, values: Array, mask: Mask) -> Iterator[Covariate]:
    """Give the values with mean 0 and spread 1 where they count, 0 elsewhere; none if constant."""
    inside = values[mask] - values[mask].mean() if mask.any() else values[mask]
    spread = float(inside.std()) if mask.any() else 0.0
    if spread > _LEAST_SPREAD:
        made = np.zeros(len(values))
        made[mask] = inside / spread
        yield Covariate(place.name, made, place.kind, place.trick)
