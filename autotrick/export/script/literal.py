"""Values as source."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from autotrick.export.script.writing import WIDTH


def literal(value: Any) -> str:
    """Return a plain value as Python writes it, strings in double quotes."""
    if isinstance(value, str):
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
    if isinstance(value, tuple):
        inner = ", ".join(map(literal, value))
        return f"({inner},)" if len(value) == 1 else f"({inner})"
    if isinstance(value, list):
        return f"[{', '.join(map(literal, value))}]"
    return repr(value)


def rows(values: Iterable[Any], name: str = "") -> str:
    """Return a list with one entry a line, as a formatter writes it where it does not fit in one.

    Args:
        values: Entries, each a plain value.
        name: What it is assigned to.
    """
    values = list(values)
    if len(name) + 3 + len(literal(values)) <= WIDTH:
        return literal(values)
    lines = []
    for value in values:
        if len(literal(value)) + 5 <= WIDTH or not isinstance(value, list):
            lines.append(f"    {literal(value)},")
        else:
            lines += ["    [", *(f"        {literal(part)}," for part in value), "    ],"]
    return "\n".join(["[", *lines, "]"])
