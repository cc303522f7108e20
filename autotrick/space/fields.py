"""The fields of Recipe that a space fixes or searches, with their types and rules."""

import typing
from dataclasses import dataclass
from typing import Any

from pydantic.fields import FieldInfo

from autotrick.domain import Scalar
from autotrick.recipe import Recipe
from autotrick.tricks.rules import Flag, Options, Range, Rule, Text

REQUIRED = ("architecture", "batch_size", "base_lr", "epochs")


@dataclass(frozen=True, slots=True)
class Field:
    """A field of Recipe.

    Attributes:
        rule: Which values are allowed, from the model's own declaration.
        default: None when a space must say it.
    """

    name: str
    kind: type
    rule: Rule
    default: Scalar | None

    @property
    def options(self) -> tuple[Scalar, ...]:
        """All values, when they are few words; else none."""
        return self.rule.options if isinstance(self.rule, Options) else ()


def _field(name: str, info: FieldInfo) -> Field:
    default = None if info.is_required() else info.default
    if typing.get_origin(info.annotation) is typing.Literal:
        return Field(name, str, Options(*typing.get_args(info.annotation)), default)
    assert isinstance(info.annotation, type)
    return Field(name, info.annotation, _rule(info.annotation, info.metadata), default)


def _rule(kind: type, constraints: list[Any]) -> Rule:
    if kind is str:
        return Text("a text")
    if kind is bool:
        return Flag()
    bounds = {
        key: bound
        for constraint in constraints
        for key in ("ge", "gt", "le", "lt")
        if (bound := getattr(constraint, key, None)) is not None
    }
    return Range(
        bounds.get("ge", bounds.get("gt")),
        bounds.get("le", bounds.get("lt")),
        open_low="gt" in bounds,
        open_high="lt" in bounds,
    )


_OTHER = ("data", "architecture_settings", "task", "tricks", "course", "fidelity", "code")
"""Fields that neither `[fixed]` nor `[search]` name."""

# Architecture, batch size and base rate are asked first: what else is good depends on them.
FIELDS: dict[str, Field] = {
    name: _field(name, Recipe.model_fields[name])
    for name in dict.fromkeys(("architecture", "batch_size", "base_lr", *Recipe.model_fields))
    if name not in _OTHER
}

SEARCHABLE = tuple(name for name in FIELDS if name != "seed")
"""The seed is not among them: a search does not optimise it, and a repeated recipe gets the next one."""

CIRCUMSTANCES = ("epochs", "seed", "precision", "threads", "channels_last", "compiled")
"""How long and how exactly a recipe is trained; what it tries is the same without them."""
