"""Collect all faults of a space file, so that one message names them all."""

import typing
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from autotrick.errors import unknown
from autotrick.limits import beyond, most
from autotrick.space.parse_domain import KINDS

M = TypeVar("M", bound=BaseModel)

_MOST = 40
"""Faults to list in a message; a file with more is probably not a space."""
_WHERE = 200
_QUOTED = 200


def _quoted(value: object) -> str:
    """Return a value as text for a message, shortened."""
    text = repr(value)
    return text if len(text) <= _QUOTED else f"{text[:_QUOTED]}..."


@dataclass
class Faults:
    """Faults of a space, in the order in which they were found.

    Attributes:
        messages: One line for each fault, up to a limit.
        further: Number of faults beyond these.
    """

    messages: list[str] = field(default_factory=list)
    further: int = 0

    def note(self, where: str, rule: object) -> None:
        if len(self.messages) >= _MOST:
            self.further += 1
            return
        text, where = str(rule).removesuffix("."), where[:_WHERE]
        # A key may hold a line break; a message is one line.
        self.messages.append(" ".join((f"{where}: {text}" if where else text).splitlines()))

    def table(self, raw: Mapping[str, Any], key: str, where: str = "") -> dict[str, Any]:
        """Return a table of the file; an empty one if it is absent or is not a table."""
        value = raw.get(key, {})
        if not isinstance(value, Mapping):
            self.note(where or key, f"must be a table, but got {_quoted(value)}")
            return {}
        if len(value) > most("entries"):
            self.note(where or key, beyond("entries", len(value)))
            return {}
        return dict(value)

    def sentence(self) -> str:
        """Return all faults as one sentence."""
        further = f"; and {self.further:,} more" if self.further else ""
        return "; ".join(self.messages) + further + "."

    def note_unknown(
        self, kind: str, names: Iterable[object], known: Iterable[str], where: str
    ) -> None:
        """Note every unknown name as a fault."""
        known = list(known)
        for name in names:
            if name in known:
                continue
            if len(self.messages) >= _MOST:  # to look for names like it takes longer than to count
                self.further += 1
            else:
                self.note(where, unknown(kind, str(name), known))


_WORDS = {
    "bool_type": KINDS[bool],
    "int_type": KINDS[int],
    "float_type": KINDS[float],
    "string_type": KINDS[str],
    "tuple_type": KINDS[list],
    "dict_type": "a table",
    "model_type": "a table",
}
"""Names of types in messages, by pydantic's type of error."""


def read_model(
    kind: type[M], table: object, where: str, faults: Faults, *, strict: bool | None = None
) -> M | None:
    """Return a table as a pydantic model; None when it has faults, which are noted.

    Args:
        strict: Whether to refuse a text in place of a number; None leaves that to the model.
    """
    try:
        return kind.model_validate(table, strict=strict)
    except ValidationError as error:
        for fault in error.errors():
            *path, last = fault["loc"] or ("",)
            key = ".".join(str(part) for part in (where, *fault["loc"]))
            if fault["type"] == "extra_forbidden":
                inner = ".".join(str(part) for part in (where, *path))
                faults.note(inner, unknown("key", str(last), _within(kind, path).model_fields))
            elif fault["type"] == "missing":
                faults.note(key, "is missing")
            else:
                rule = fault["msg"].removeprefix("Input should be ").removeprefix("Value error, ")
                rule = _WORDS.get(fault["type"], rule)
                faults.note(key, f"must be {rule}, but got {_quoted(fault['input'])}")
    return None


def _within(kind: type[BaseModel], path: Iterable[object]) -> type[BaseModel]:
    """Return the model of a table inside a model's table."""
    for part in path:
        hint = kind.model_fields[str(part)].annotation
        choices = (hint, *typing.get_args(hint))
        kind = next(c for c in choices if isinstance(c, type) and issubclass(c, BaseModel))
    return kind
