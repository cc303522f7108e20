"""Collecting what is wrong with a space file, so that all of it is said at once."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from autotrick.errors import unknown

M = TypeVar("M", bound=BaseModel)


@dataclass
class Faults:
    """What is wrong with a space, in the order of finding."""

    found: list[str] = field(default_factory=list)

    def note(self, where: str, rule: object) -> None:
        text = str(rule).removesuffix(".")
        # A key may hold a line break; a message is one line.
        self.found.append(" ".join((f"{where}: {text}" if where else text).splitlines()))

    def table(self, raw: Mapping[str, Any], key: str, where: str = "") -> dict[str, Any]:
        """Return a table of the file; an empty one when it is absent or no table."""
        value = raw.get(key, {})
        if isinstance(value, Mapping):
            return dict(value)
        self.note(where or key, f"must be a table, but got {value!r}")
        return {}

    def known(self, kind: str, names: Iterable[object], known: Iterable[str], where: str) -> None:
        """Note every name that is not among the known ones."""
        known = list(known)
        for name in names:
            if name not in known:
                self.note(where, unknown(kind, str(name), known))


def read_model(kind: type[M], table: object, where: str, faults: Faults) -> M | None:
    """Return a table as a pydantic model; None when it has faults, which are noted."""
    try:
        return kind.model_validate(table)
    except ValidationError as error:
        for fault in error.errors():
            place = ".".join((where, *(str(part) for part in fault["loc"])))
            if fault["type"] == "extra_forbidden":
                faults.note(where, unknown("key", str(fault["loc"][-1]), kind.model_fields))
            elif fault["type"] == "missing":
                faults.note(place, "is missing")
            else:
                rule = fault["msg"].removeprefix("Input should be ").removeprefix("Value error, ")
                faults.note(place, f"must be {rule}, but got {fault['input']!r}")
    return None
