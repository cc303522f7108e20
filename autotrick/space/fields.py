"""The fields of Recipe that a space fixes or searches, with their types and rules."""

import math
import typing
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from pydantic.fields import FieldInfo

from autotrick.domain import Scalar
from autotrick.recipe import Recipe

REQUIRED = ("architecture", "batch_size", "base_lr", "epochs")


@dataclass(frozen=True, slots=True)
class Field:
    """A field of Recipe.

    Attributes:
        rule: What must hold, such as `epochs >= 1`.
        default: None when a space must say it.
        options: All values, when they are few words.
    """

    name: str
    kind: type
    rule: str
    accepts: Callable[[Any], bool]
    default: Scalar | None
    options: tuple[Scalar, ...] = ()


def _field(name: str, info: FieldInfo) -> Field:
    default = None if info.is_required() else info.default
    if typing.get_origin(info.annotation) is typing.Literal:
        options = typing.get_args(info.annotation)
        rule = f"{name} is one of {', '.join(options)}"
        return Field(name, str, rule, lambda value: value in options, default, options)
    assert isinstance(info.annotation, type)
    bounds = {
        key: bound
        for constraint in info.metadata
        for key in ("ge", "gt", "le", "lt")
        if (bound := getattr(constraint, key, None)) is not None
    }
    return Field(name, info.annotation, _rule(name, bounds), _within(bounds), default)


def _rule(name: str, bounds: dict[str, float]) -> str:
    lower = next((f"{bounds[k]:,} {s} " for k, s in (("ge", "<="), ("gt", "<")) if k in bounds), "")
    upper = next((f" {s} {bounds[k]:,}" for k, s in (("le", "<="), ("lt", "<")) if k in bounds), "")
    if lower and not upper:
        return f"{name} {'>=' if 'ge' in bounds else '>'} {bounds.get('ge', bounds.get('gt'))}"
    return f"{lower}{name}{upper}"


def _within(bounds: dict[str, float]) -> Callable[[Any], bool]:
    low, high = bounds.get("ge", -math.inf), bounds.get("le", math.inf)
    above, below = bounds.get("gt", -math.inf), bounds.get("lt", math.inf)

    def accepts(value: Any) -> bool:
        return isinstance(value, str) or (low <= value <= high and above < value < below)

    return accepts


# Architecture, batch size and base rate are asked first: what else is good depends on them.
FIELDS: dict[str, Field] = {
    name: _field(name, Recipe.model_fields[name])
    for name in dict.fromkeys(("architecture", "batch_size", "base_lr", *Recipe.model_fields))
    if name not in ("data", "architecture_settings", "tricks", "course", "fidelity")
}

SEARCHABLE = tuple(name for name in FIELDS if name != "seed")
"""The seed is not among them: a search does not optimise it, and a repeated recipe gets the next one."""

CIRCUMSTANCES = ("epochs", "seed", "precision", "threads", "channels_last", "compiled")
"""How long and how exactly a recipe is trained; what it tries is the same without them."""
